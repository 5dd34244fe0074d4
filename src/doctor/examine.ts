import { messageOf, SandboxctlError } from '../errors.js';
import { finding } from '../failures/finding.js';
import type { Check } from './check.js';
import type { FactName, Facts } from './facts.js';
import { found, type Judgement } from './judgement.js';

/** How each kind of facts is had, and how long that may take. */
export type Sources = { [N in FactName]?: { limitMs: number; gather: () => Promise<Facts[N]> } };

export interface Examined {
  check: Check;
  judgement: NonNullable<Judgement>;
}

export interface Examination {
  /** In the order of the checks. */
  examined: Examined[];
  /** What was gathered for them. */
  facts: Partial<Facts>;
}

interface Deps {
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  signal: AbortSignal;
}

type Gathered = { ok: true; value: unknown } | { ok: false; words: string; hint?: string };

/**
 * Gathers what the checks need, all at once and each once, and judges. Nothing that hangs or fails keeps a check from
 * being reported: it is then a finding. Checks whose source is left out are left out too.
 */
export async function examine(
  checks: readonly Check[],
  sources: Sources,
  { sleep, signal }: Deps,
): Promise<Examination> {
  const wanted = checks.filter(({ needs }) => needs.every((name) => sources[name] !== undefined));
  const names = [...new Set(wanted.flatMap(({ needs }) => needs))];
  const gathered = new Map(names.map((name) => [name, within(sources[name], sleep, signal)]));
  /** One source that fails is one finding, however many checks need it. */
  const failed = new Set<FactName>();
  const judged = await Promise.all(
    wanted.map(async (check) => {
      const judgement = await judge(check, gathered, failed);
      return judgement === null ? [] : [{ check, judgement }];
    }),
  );
  signal.throwIfAborted();
  const facts = await Promise.all(
    [...gathered].map(async ([name, promised]) => {
      const answer = await promised;
      return [name, answer.ok ? answer.value : { failed: answer.words }] as const;
    }),
  );
  return { examined: judged.flat(), facts: Object.fromEntries(facts) };
}

async function judge(
  check: Check,
  gathered: ReadonlyMap<FactName, Promise<Gathered>>,
  failed: Set<FactName>,
): Promise<Judgement> {
  const facts: Partial<Record<FactName, unknown>> = {};
  for (const name of check.needs) {
    const source = await gathered.get(name);
    if (source?.ok !== true) {
      if (failed.has(name)) return null;
      failed.add(name);
      const missed = finding('check-not-possible', { check: check.title }, source?.words);
      return found({ ...missed, hint: source?.hint ?? missed.hint });
    }
    facts[name] = source.value;
  }
  return check.judge(facts as Facts);
}

async function within(
  source: Sources[FactName],
  sleep: Deps['sleep'],
  signal: AbortSignal,
): Promise<Gathered> {
  if (source === undefined) return { ok: false, words: '' };
  const done = new AbortController();
  const late = async (): Promise<Gathered> => {
    await sleep(source.limitMs, AbortSignal.any([done.signal, signal]));
    return { ok: false, words: `no answer within ${source.limitMs / 1000} s` };
  };
  const asked = source.gather().then(
    (value): Gathered => ({ ok: true, value }),
    (error: unknown): Gathered => ({ ok: false, ...toldBy(error) }),
  );
  return Promise.race([asked, late()]).finally(() => done.abort());
}

/** Our own errors know what to do about them. */
function toldBy(error: unknown): { words: string; hint?: string } {
  if (!(error instanceof SandboxctlError)) return { words: messageOf(error) };
  const { message, detail = '', hint } = error;
  return { words: [message, detail].filter(Boolean).join(': '), hint };
}
