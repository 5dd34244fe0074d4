import type { Finding } from '../failures/finding.js';

/**
 * What a check came to: one line where all is well (`ok`) or where it has nothing to look at (`skipped`), or what is
 * wrong. Null: it does not concern this configuration, and is not mentioned.
 */
export type Judgement =
  | { state: 'ok' | 'skipped'; line: string }
  | { state: 'found'; findings: readonly Finding[] }
  | null;

export const ok = (line: string): Judgement => ({ state: 'ok', line });
export const skipped = (line: string): Judgement => ({ state: 'skipped', line });

/** `line` where nothing was found. */
export function foundOr(line: string, findings: readonly (Finding | undefined | false)[]): Judgement {
  const found = findings.filter((each) => each !== undefined && each !== false);
  return found.length === 0 ? ok(line) : { state: 'found', findings: found };
}

export const found = (...findings: readonly Finding[]): Judgement => ({ state: 'found', findings });
