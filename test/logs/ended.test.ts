import { expect, it } from 'vitest';
import type { JobFact, ListAnswer } from '../../src/fleet/job-facts.js';
import { endWatch } from '../../src/logs/ended.js';

const fact = (id: string, state: string): JobFact => ({
  id,
  task: null,
  tag: { fleet: 'sandbox', generation: 1, submission: 'a1' },
  state,
  reason: '',
  node: 'node1',
  timeLeft: null,
  elapsed: 0,
  startTime: null,
  script: '',
});

/** One watch whose time, registrations and scheduler are ours. */
function watched(ids: string[]) {
  const world = {
    now: 0,
    asked: 0,
    answer: { ok: true, jobs: ids.map((id) => fact(id, 'RUNNING')) } as ListAnswer,
    registered: new Map<string, { state: string; beat: number }>(),
  };
  const watch = endWatch(ids, {
    registration: async (id) => world.registered.get(id),
    list: async () => {
      world.asked++;
      return world.answer;
    },
    now: () => world.now,
  });
  const at = async (seconds: number) => {
    world.now = seconds * 1_000;
    await watch.check();
    // The answer comes after the look that asked for it, and registrations are read once a second.
    await new Promise(setImmediate);
    world.now += 1_000;
    return [...(await watch.check())];
  };
  return { world, at };
}

it('believes a job that says it ends, and asks nobody', async () => {
  const { world, at } = watched(['1', '2']);
  world.registered.set('1', { state: 'gone', beat: 9 });
  world.registered.set('2', { state: 'ready', beat: 1 });
  expect(await at(0)).toEqual(['1']);
  expect(world.asked).toBe(0);
});

it('asks nobody while a job refreshes its registration', async () => {
  const { world, at } = watched(['1']);
  for (let second = 0; second <= 600; second += 5) {
    world.registered.set('1', { state: 'ready', beat: second });
    expect(await at(second)).toEqual([]);
  }
  expect(world.asked).toBe(0);
});

it('asks at most once a minute where a job says nothing', async () => {
  const { world, at } = watched(['1']);
  for (let second = 0; second <= 300; second += 1) expect(await at(second)).toEqual([]);
  expect(world.asked).toBe(6);
  world.answer = { ok: true, jobs: [fact('1', 'FAILED')] };
  expect(await at(360)).toEqual(['1']);
});

it('doubts a registration that stands still', async () => {
  const { world, at } = watched(['1']);
  world.registered.set('1', { state: 'ready', beat: 7 });
  world.answer = { ok: true, jobs: [fact('1', 'NODE_FAIL')] };
  expect(await at(0)).toEqual([]);
  expect(await at(18)).toEqual([]);
  expect(world.asked).toBe(0);
  expect(await at(20)).toEqual(['1']);
});

it('takes one answer without the job, and failed answers, for nothing', async () => {
  const { world, at } = watched(['1']);
  world.answer = { ok: true, jobs: [] };
  expect(await at(0)).toEqual([]);
  world.answer = { ok: false, detail: 'Unable to contact slurm controller' };
  for (const second of [60, 120, 180]) expect(await at(second)).toEqual([]);
  world.answer = { ok: true, jobs: [] };
  expect(await at(240)).toEqual(['1']);
});

it('does not wait for a scheduler that hangs or throws', async () => {
  const hanging = endWatch(['1'], {
    registration: async () => undefined,
    list: () => new Promise<ListAnswer>(() => undefined),
    now: () => 0,
  });
  expect([...(await hanging.check())]).toEqual([]);
  const throwing = endWatch(['1'], {
    registration: async () => undefined,
    list: () => Promise.reject(new Error('no squeue')),
    now: () => 0,
  });
  expect([...(await throwing.check())]).toEqual([]);
});
