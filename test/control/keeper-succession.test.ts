import { expect, it } from 'vitest';
import { keeperSuccession } from '../../src/control/keeper-succession.js';
import type { JobFact, ListAnswer } from '../../src/fleet/job-facts.js';

const OWN = '7';

function job(id: string, state: string, elapsed: number, limit: number): JobFact {
  const tag = { fleet: 'f', generation: 0, submission: id };
  const times = { elapsed, timeLeft: limit - elapsed, startTime: null };
  return { id, task: null, tag, state, reason: '', node: 'n', script: '', ...times };
}

/** A keeper's job with this limit (seconds), looked at every second of its life. */
async function lived(
  limit: number,
  given: {
    answer?: (jobs: JobFact[], at: number) => ListAnswer;
    submit?: (at: number) => string | null;
    /** When Slurm sends SIGTERM. */
    toldAt?: number;
    /** Of its own job at that time. */
    state?: string;
  } = {},
) {
  const asked: number[] = [];
  const submitted: number[] = [];
  const others: JobFact[] = [];
  const problems: string[] = [];
  let at = 0;
  const succession = keeperSuccession({
    ...{ jobId: OWN, fleet: 'f', now: () => at * 1000 },
    scheduler: {
      listKeepers: async () => {
        asked.push(at);
        const state = at === given.toldAt ? given.state : undefined;
        const jobs = [job(OWN, state ?? 'RUNNING', at, limit), ...others];
        return given.answer?.(jobs, at) ?? { ok: true, jobs };
      },
    },
    submit: async () => {
      submitted.push(at);
      const id = given.submit === undefined ? '8' : given.submit(at);
      if (id !== null) others.push(job(id, 'PENDING', 0, limit));
      return id;
    },
    onProblem: (words) => problems.push(words),
  });
  for (; at < limit; at++) {
    succession.check();
    // The answers of this fake are there at once; its promises need a turn each.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    if (at === given.toldAt) await succession.beforeEnd();
  }
  return { asked, submitted, problems };
}

it('a keeper that is told of its end before its successor was due submits it then, and no second one', async () => {
  expect((await lived(180, { toldAt: 60 })).submitted).toEqual([60]);
  expect((await lived(180, { toldAt: 120 })).submitted).toHaveLength(1);
  // Cancelled by somebody, or told by its node long before: then there is none.
  expect((await lived(180, { toldAt: 60, state: 'COMPLETING' })).submitted[0]).toBeGreaterThan(60);
  expect((await lived(3_600, { toldAt: 60 })).submitted[0]).toBeGreaterThan(60);
});

it.each([
  ['four days', 4 * 86_400, 4 * 86_400 * 0.9],
  ['an hour', 3_600, 3_000],
  ['two minutes', 120, 60],
])('a job of %s submits one successor, before its time is up', async (_name, limit, from) => {
  const { submitted, asked } = await lived(limit);
  expect(submitted).toHaveLength(1);
  expect(submitted[0]).toBeGreaterThanOrEqual(from);
  expect(submitted[0]).toBeLessThan(limit - 0.4 * Math.min(limit / 2, Math.max(600, limit * 0.1)));
  // Before that, Slurm is asked at half of what remains, not all the time.
  expect(asked.filter((second) => second < from).length).toBeLessThan(20);
});

it('an sbatch that timed out, and did submit, is not repeated', async () => {
  let arrived = false;
  const { submitted } = await lived(3_600, {
    submit: () => {
      arrived = true;
      return null;
    },
    answer: (jobs) => ({ ok: true, jobs: arrived ? [...jobs, job('8', 'PENDING', 0, 3_600)] : jobs }),
  });
  expect(submitted).toHaveLength(1);
});

it('one that never arrived is repeated only after two good answers', async () => {
  const answers: number[] = [];
  const { submitted } = await lived(3_600, {
    submit: (at) => (at < 3_100 ? null : '8'),
    answer: (jobs, at) => {
      const ok = answers.length % 2 === 0;
      answers.push(at);
      return ok ? { ok: true, jobs } : { ok: false, detail: 'no answer' };
    },
  });
  const [first = 0, second = 0] = submitted;
  const goodBetween = answers.filter((at, i) => i % 2 === 0 && at > first && at <= second);
  expect(goodBetween.length).toBeGreaterThanOrEqual(2);
});

it('a refusal is reported, and tried again', async () => {
  let refused = 0;
  const { submitted, problems } = await lived(3_600, {
    submit: () => {
      if (refused++ < 2) throw new Error('QOSMaxSubmitJobPerUserLimit');
      return '8';
    },
  });
  expect(problems).toEqual(['QOSMaxSubmitJobPerUserLimit', 'QOSMaxSubmitJobPerUserLimit']);
  expect(submitted).toHaveLength(3);
});
