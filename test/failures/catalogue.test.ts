import { describe, expect, it } from 'vitest';
import { causeOf } from '../../src/failures/job-cause.js';
import { pendingRule } from '../../src/failures/pending.js';
import { refusalHint } from '../../src/failures/refusal.js';
import { FAILURE_RULES } from '../../src/failures/rules/index.js';
import { PENDING_RULES } from '../../src/failures/rules/pending.js';
import { EXAMPLES } from '../doctor/examples.js';
import { about, failed, RECORDED_ENDS } from './recorded-ends.js';
import { explain, RECORDED_IMPORTS } from './recorded-imports.js';
import { RECORDED } from './recorded-logs/index.js';
import { START } from './recorded-logs/recorded-log.js';

/** What sbatch prints: as recorded from Slurm 22.05, or as its sources spell it. */
const REFUSALS = [
  'sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user size and/or time limits)',
  'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified',
  'sbatch: error: invalid partition specified: nope',
  'sbatch: error: Batch job submission failed: Invalid qos specification',
  'sbatch: error: Batch job submission failed: Requested reservation is invalid',
  'sbatch: error: Batch job submission failed: Requested node configuration is not available',
];

/** What their own tests see: a command refuses (test/e2e/deploy), or a check has no facts (test/doctor/examine.test.ts). */
const ELSEWHERE = ['log-folder-not-writable', 'check-not-possible'];

describe('the catalogue of failures', () => {
  it('has ids that are unique and in kebab case', () => {
    const ids = FAILURE_RULES.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  });

  it('states no cause twice', () => {
    const causes = FAILURE_RULES.flatMap(({ cause, fromCheckout }) =>
      [cause, fromCheckout?.cause ?? []].flat(),
    );
    expect(causes.filter((cause, at) => causes.indexOf(cause) !== at)).toEqual([]);
  });

  it('has a recorded example for every rule', () => {
    const hints = new Set(REFUSALS.map(refusalHint));
    const errors = RECORDED_IMPORTS.map(([, , , code, ...lines]) => explain(code, ...lines).message);
    const found = new Set([
      ...EXAMPLES.map(([id]) => id),
      ...ELSEWHERE,
      ...RECORDED.map(([, lines]) => causeOf(failed(), [START, ...lines], about).id),
      ...RECORDED_ENDS.map(([, end, lines]) => causeOf(end, lines, about).id),
      causeOf(failed('0:53'), [], { ...about, logFound: false }).id,
      ...PENDING_RULES.flatMap(({ pendingReason }) => pendingReason ?? []).map(
        (reason) => pendingRule(reason)?.id,
      ),
    ]);
    const unseen = FAILURE_RULES.filter(
      ({ id, cause, hint }) =>
        !found.has(id) && !hints.has(hint) && !errors.some((error) => patternOf(cause).test(error)),
    );
    expect(unseen.map(({ id }) => id)).toEqual([]);
  });

  it('matches every pattern of a rule by a recorded line', () => {
    const lines = RECORDED.flatMap(([, log]) => log);
    const patterns = FAILURE_RULES.flatMap(({ jobLog }) => [jobLog ?? []].flat());
    expect(patterns.filter((pattern) => !lines.some((line) => pattern.test(line)))).toEqual([]);
  });
});

function patternOf(cause: string): RegExp {
  const literal = cause.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(/\{\w+\}/g, '.*')}$`);
}
