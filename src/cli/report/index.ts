import type { ReporterFactory } from '../context.js';
import { keepFlags } from '../hint.js';
import type { Session } from '../session.js';
import { type JsonReporter, jsonReporter } from './json.js';
import { plainReporter } from './plain.js';

/** The reporter that fits where the output goes; what the live view needs is loaded only where it can be shown. */
export async function reporterFactory(session: Session): Promise<ReporterFactory> {
  const { stdout, stderr } = session.io;
  const live = canRedraw(stderr, process.env) && !session.json ? await import('./live.js') : undefined;
  const chalk = live && (await import('../color.js').then(({ paint }) => paint(stderr)));
  let lines: JsonReporter | undefined;
  const onlyLines = (now: () => number) => {
    const reporter = jsonReporter(stdout, now, (hint) => keepFlags(hint, session.called));
    session.onClose(reporter.end);
    return reporter;
  };
  return ({ json, fleet, now }) => {
    if (json) {
      lines ??= onlyLines(now);
      lines.name(fleet ?? '');
      return lines;
    }
    if (live === undefined || chalk === undefined) return plainReporter(stderr);
    const reporter = live.liveReporter(process.stderr, stderr, chalk, now);
    session.onClose(reporter.close);
    session.io.screen = reporter;
    return reporter;
  };
}

/** A terminal that says how wide it is, knows cursor codes, and has a person before it. */
export function canRedraw(stream: { isTTY: boolean; columns: number }, env: NodeJS.ProcessEnv): boolean {
  const machine = (env.CI ?? '') !== '' && env.CI !== 'false';
  return stream.isTTY && stream.columns > 0 && env.TERM !== 'dumb' && !machine;
}
