import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Decision } from '../../src/fleet/decide.js';
import { type Job, SETTLE, World } from './world.js';

type Step = (world: World, pick: number) => void;

const one = (world: World, pick: number, which: (job: Job) => boolean): Job | undefined => {
  const found = world.jobs.filter(which);
  return found[pick % Math.max(1, found.length)];
};
const live = ({ state }: Job) => state !== 'CANCELLED';
const runs = ({ state }: Job) => state === 'RUNNING';
const becomes =
  (which: (job: Job) => boolean, changes: (job: Job) => Partial<Job>): Step =>
  (world, pick) => {
    const job = one(world, pick, which);
    if (job !== undefined) Object.assign(job, changes(job));
  };
const scaled =
  (nodes: number): Step =>
  (world) => {
    world.nodes = nodes;
    world.generation += 1;
  };

const STEPS: Record<string, Step> = {
  answer: (world) => world.answer(undefined),
  // A node that does not answer, a job between two states: one answer may lack anything.
  'answer without one': (world, pick) => world.answer(one(world, pick, live)),
  'no answer': (world) => {
    world.now += SETTLE;
  },
  'another command': (world) => world.begin(),
  asked: (world) => {
    for (const { id } of world.jobs) world.asked.add(id);
  },
  'asked one': (world, pick) => {
    const job = one(world, pick, () => true);
    if (job !== undefined) world.asked.add(job.id);
  },
  starts: becomes(
    ({ state, reason }) => state === 'PENDING' && !reason.startsWith('JobHeld'),
    () => ({ state: 'RUNNING', says: 'starting' }),
  ),
  'becomes ready': becomes(
    ({ state }) => state === 'PENDING' || state === 'RUNNING',
    () => ({ state: 'RUNNING', reason: '', serves: true, says: 'ready' }),
  ),
  'all become ready': (world) => {
    for (const job of world.jobs.filter(live))
      Object.assign(job, { state: 'RUNNING', reason: '', serves: true, says: 'ready' });
  },
  wedges: becomes(runs, ({ says }) => ({ serves: false, says: says === 'ready' ? 'unhealthy' : says })),
  scancel: (world, pick) => {
    const job = one(world, pick, live);
    if (job !== undefined) world.end(job, true);
  },
  'killed without a word': (world, pick) => {
    const job = one(world, pick, live);
    if (job !== undefined) world.end(job, false);
  },
  'forgotten by Slurm': (world) => {
    for (const job of world.jobs) if (!live(job)) job.forgotten = true;
  },
  requeued: becomes(
    ({ forgotten }) => !forgotten,
    ({ says }) => ({ state: 'PENDING', serves: false, says: says && 'gone' }),
  ),
  held: becomes(
    ({ state }) => state === 'PENDING',
    () => ({ reason: 'JobHeldAdmin' }),
  ),
  suspended: becomes(runs, () => ({ state: 'SUSPENDED', serves: false })),
  resumed: becomes(
    ({ state }) => state === 'SUSPENDED',
    ({ says }) => ({ state: 'RUNNING', serves: says === 'ready' }),
  ),
  'time passes': (world) => world.pass(1_500),
  'sbatch says nothing': (world) => {
    world.nextSubmit = 'unclear';
  },
  'sbatch is lost': (world) => {
    world.nextSubmit = 'lost';
  },
  'scaled to 1': scaled(1),
  'scaled to 2': scaled(2),
  'scaled to 3': scaled(3),
  renew: (world) => {
    world.generation += 1;
    world.freshFrom = world.generation;
  },
  'another spec': (world) => {
    world.generation += 1;
    world.hash = world.hash === 'h' ? 'k' : 'h';
  },
};

/** Steps may wait for a second answer of the scheduler, so several rounds without one end a history. */
const hasNoSteps = (decision: Decision | undefined): boolean =>
  decision !== undefined &&
  decision.submit.length + decision.surplus.length + decision.replacements.length === 0;

const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(20)), { maxLength: 80 });
const rules = fc.record({ keeps: fc.boolean(), maxSurge: fc.integer({ min: 1, max: 2 }) });

it('in every history a healthy server ends only for another one or on request, no job is forgotten or too many, and once faults end each instance has one job of the spec', () => {
  fc.assert(
    fc.property(steps, rules, (history, how) => {
      const world = new World(how);
      world.begin();
      for (const [name, pick] of history) {
        STEPS[name]?.(world, pick);
        world.act();
      }
      world.nextSubmit = 'clear';
      // The longest pause after a fault.
      world.now += 600_000;
      // A command that tries each instance once leaves what fails to the next one.
      for (let command = 0; command < (how.keeps ? 1 : 4); command += 1) {
        world.begin();
        for (let round = 0, settled = 0; round < 25 && settled < 6; round += 1) {
          STEPS['all become ready']?.(world, 0);
          STEPS.asked?.(world, 0);
          world.answer(undefined);
          settled = hasNoSteps(world.act()) ? settled + 1 : 0;
        }
      }
      const last = world.act();
      expect(last).toMatchObject({ submit: [], surplus: [], replacements: [] });
      expect(last?.instances.map(({ state, reachable }) => [state, reachable])).toEqual(
        Array(world.nodes).fill(['ready', true]),
      );
      const kept = new Set(last?.instances.map(({ jobId }) => jobId));
      expect(world.jobs.filter((job) => live(job) && !kept.has(job.id))).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
});
