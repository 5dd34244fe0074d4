import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListAnswer } from '../../src/fleet/job-facts.js';
import { applyAnswer, type JobTable, track as trackJobs } from '../../src/fleet/job-table.js';
import { jobFact, NOW } from './facts.js';

const SETTLE = 10_000;
const nothing: JobTable = new Map();
const failed: ListAnswer = { ok: false, detail: 'Unable to contact slurm controller' };

function answer(...ids: string[]): ListAnswer {
  return { ok: true, jobs: ids.map((id) => jobFact(id)) };
}

/** What is believed after answers, each with its time in milliseconds. */
function fold(before: JobTable, ...answers: [number, ListAnswer][]): JobTable {
  return answers.reduce((belief, [at, given]) => applyAnswer(belief, given, NOW + at, SETTLE), before);
}

describe('a tracked job is', () => {
  const seen = fold(nothing, [0, answer('1')]);

  it('gone when two successful answers, far enough apart, do not list it', () => {
    expect(fold(seen, [1_000, answer()]).get('1')?.gone).toBe(false);
    expect(fold(seen, [1_000, answer()], [10_999, answer()]).get('1')?.gone).toBe(false);
    expect(fold(seen, [1_000, answer()], [11_000, answer()]).get('1')?.gone).toBe(true);
  });

  it('not gone because of failed answers', () => {
    const believed = fold(seen, [1_000, failed], [20_000, failed], [90_000, answer()]);
    expect(believed.get('1')).toMatchObject({ gone: false, missingSince: NOW + 90_000 });
  });

  it('present again as soon as it is listed', () => {
    const believed = fold(seen, [1_000, answer()], [5_000, answer('1')], [11_000, answer()]);
    expect(believed.get('1')).toMatchObject({ gone: false, missingSince: NOW + 11_000 });
    expect(fold(seen, [0, answer()], [10_000, answer()], [20_000, answer('1')]).get('1')?.gone).toBe(false);
  });

  it.each([
    'BOOT_FAIL',
    'CANCELLED',
    'COMPLETED',
    'DEADLINE',
    'FAILED',
    'NODE_FAIL',
    'OUT_OF_MEMORY',
    'PREEMPTED',
    'REVOKED',
    'TIMEOUT',
  ])('gone at once when it is listed as %s', (state) => {
    const told: ListAnswer = { ok: true, jobs: [jobFact('1', { state })] };
    expect(fold(seen, [1, told]).get('1')?.gone).toBe(true);
  });

  it.each([
    'PENDING',
    'CONFIGURING',
    'RUNNING',
    'SUSPENDED',
    'COMPLETING',
    'STOPPED',
    'REQUEUED',
    'WHATEVER',
  ])('present while it is listed as %s', (state) => {
    const told: ListAnswer = { ok: true, jobs: [jobFact('1', { state })] };
    expect(fold(seen, [90_000, told]).get('1')?.gone).toBe(false);
  });

  it('present from its submission on, and gone in the same way', () => {
    const submitted = trackJobs(seen, ['1', '2_0', '2_1']);
    expect([...submitted.keys()]).toEqual(['1', '2_0', '2_1']);
    expect(submitted.get('1')).toBe(seen.get('1'));
    expect(submitted.get('2_0')).toMatchObject({ fact: null, gone: false });
    const later = fold(submitted, [0, answer('1', '2_0')], [10_000, answer('1', '2_0')]);
    expect([...later.values()].map(({ id, gone }) => [id, gone])).toEqual([
      ['1', false],
      ['2_0', false],
      ['2_1', true],
    ]);
  });
});

describe('over any sequence of answers', () => {
  const step = fc.record({
    /** Milliseconds since the step before. */
    after: fc.integer({ min: 0, max: 15_000 }),
    answer: fc.oneof(
      fc.constant(failed),
      fc.subarray(['1', '2', '3']).map((ids) => answer(...ids)),
    ),
  });
  const steps = fc.array(step, { maxLength: 25 });

  it('a job that was seen is gone only after two successful answers without it, 10 s apart', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        let belief = fold(nothing, [0, answer('1', '2', '3')]);
        let at = 0;
        const good: { at: number; ids: string[] }[] = [{ at: 0, ids: ['1', '2', '3'] }];
        for (const one of sequence) {
          at += one.after;
          belief = applyAnswer(belief, one.answer, NOW + at, SETTLE);
          if (one.answer.ok) good.push({ at, ids: one.answer.jobs.map((job) => job.id) });
          for (const id of ['1', '2', '3']) {
            const since = good.findLastIndex((each) => each.ids.includes(id));
            const without = good.slice(since + 1);
            const apart = (without.at(-1)?.at ?? 0) - (without[0]?.at ?? 0);
            expect(belief.get(id)?.gone).toBe(without.length > 1 && apart >= SETTLE);
          }
        }
      }),
    );
  });

  it('no job is ever lost, and failed answers change nothing', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        let belief: JobTable = trackJobs(nothing, ['1', '2', '3', '4']);
        for (const [index, one] of sequence.entries()) {
          const next = applyAnswer(belief, one.answer, NOW + index * 1_000, SETTLE);
          if (!one.answer.ok) expect(next).toBe(belief);
          expect([...next.keys()].sort()).toEqual(['1', '2', '3', '4']);
          belief = next;
        }
      }),
    );
  });
});
