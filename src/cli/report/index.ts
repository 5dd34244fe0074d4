import type { ReporterFactory } from '../context.js';
import { keepFlags } from '../hint.js';
import type { ProgramRun } from '../program-run.js';
import { type JsonReporter, jsonReporter } from './json.js';
import { plainReporter } from './plain.js';

export async function reporterFactory(programRun: ProgramRun): Promise<ReporterFactory> {
  const { stdout, stderr } = programRun.io;
  const live = canRedraw(stderr, process.env) && !programRun.json ? await import('./live.js') : undefined;
  const chalk = live && (await import('../color.js').then(({ paint }) => paint(stderr)));
  let lines: JsonReporter | undefined;
  const onlyLines = (now: () => number) => {
    const reporter = jsonReporter(stdout, now, (hint) => keepFlags(hint, programRun.called));
    programRun.onClose(reporter.end);
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
    programRun.onClose(reporter.close);
    programRun.io.screen = reporter;
    return reporter;
  };
}

/** Needs a terminal of known width with cursor codes, outside CI. */
export function canRedraw(stream: { isTTY: boolean; columns: number }, env: NodeJS.ProcessEnv): boolean {
  const machine = (env.CI ?? '') !== '' && env.CI !== 'false';
  return stream.isTTY && stream.columns > 0 && env.TERM !== 'dumb' && !machine;
}
