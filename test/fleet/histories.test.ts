import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Decision, decide } from '../../src/fleet/decide.js';
import type { Facts, SubmissionFact } from '../../src/fleet/facts.js';
import { applyAnswer, type JobTable, track } from '../../src/fleet/job-table.js';
import { jobFact, registered } from './facts.js';

/** What really is there, whoever knows of it. */
interface Job {
  id: string;
  submission: string;
  instance: number;
  state: 'PENDING' | 'RUNNING' | 'SUSPENDED' | 'CANCELLED';
  /** Whether its server answers. */
  serves: boolean;
  /** What its registration says, also after its end. */
  says: 'ready' | 'gone' | undefined;
  /** Slurm knows it no more (MinJobAge). */
  forgotten: boolean;
}

const SETTLE = 10_000;
const NODES = 2;

/** A fleet over many commands, each with a belief of its own, and the faults between them. */
class World {
  jobs: Job[] = [];
  submissions: SubmissionFact[] = [];
  belief: JobTable = new Map();
  answered = false;
  /** Ids in the last good answer. */
  listed: string[] = [];
  attempted = new Set<number>();
  asked = new Set<string>();
  now = 1_000_000;
  nodes = NODES;

  /** Another command starts: it knows the submissions that were written down. */
  begin(): void {
    this.belief = track(
      new Map(),
      this.submissions.flatMap(({ jobId, instances }) => instances.map((task) => `${jobId}_${task}`)),
    );
    this.answered = false;
    this.attempted = new Set();
    this.asked = new Set();
  }

  answer(without: Job | undefined): void {
    this.now += SETTLE / 2;
    const jobs = this.jobs
      .filter((job) => !job.forgotten && job !== without)
      .map(({ id, submission, state }) =>
        jobFact(id, { tag: { fleet: 'sandbox', generation: 1, submission }, state }),
      );
    this.listed = jobs.map(({ id }) => id);
    this.belief = applyAnswer(this.belief, { ok: true, jobs }, this.now, SETTLE);
    this.answered = true;
  }

  facts(): Facts {
    const told = this.jobs.filter(({ says }) => says !== undefined);
    return {
      now: this.now,
      jobs: this.belief,
      submissions: new Map(this.submissions.map((each) => [each.id, each])),
      registrations: new Map(
        told.map(({ id, instance, says }) => [id, registered(id, { instance, state: says ?? 'gone' })]),
      ),
      probes: new Map(
        told.map(({ id, serves }) => [
          id,
          { reachable: this.asked.has(id) ? serves : null, reason: 'no answer' },
        ]),
      ),
      addresses: new Map(),
      causes: new Map(),
      attempted: this.attempted,
      keeps: false,
      outOfService: new Map(),
      inRotation: null,
    };
  }

  /** One round of the loop: what is decided is done. */
  act(): Decision | undefined {
    if (!this.answered) return undefined;
    const facts = this.facts();
    const decision = decide({ nodes: this.nodes, hash: 'h' }, facts);
    expect(decide({ nodes: this.nodes, hash: 'h' }, facts)).toEqual(decision);
    for (const view of decision.surplus.filter(({ mayEnd }) => mayEnd))
      this.cancel(view.jobId, Number(view.instance), decision);
    for (const view of decision.instances) {
      if (view.jobId === null || view.reachable === true || this.listed.includes(view.jobId)) continue;
      const confirmed = decision.surplus.filter(
        (each) => each.instance === view.instance && this.listed.includes(each.jobId ?? ''),
      );
      expect(confirmed, `${view.jobId} is in no answer, and displaces`).toEqual([]);
    }
    if (decision.submit.length > 0) this.submit(decision.submit.map(Number));
    return decision;
  }

  private cancel(id: string | null, instance: number, decision: Decision): void {
    const job = this.jobs.find((each) => each.id === id);
    expect(this.listed, `${id} is cancelled, and the last answer did not have it`).toContain(id);
    const asked = this.nodes <= instance;
    const holder = this.jobs.find((each) => each.id === decision.instances[instance]?.jobId);
    if (job?.serves && !asked) expect(holder?.serves, `${id} serves and yields to ${holder?.id}`).toBe(true);
    if (job !== undefined) this.end(job, true);
  }

  private submit(instances: readonly number[]): void {
    const number = 1000 + this.submissions.length;
    const id = `s${number}`;
    const jobId = String(number);
    this.submissions.push({ id, hash: 'h', generation: 1, offset: 0, instances: [...instances], jobId });
    for (const instance of instances) {
      this.jobs.push({
        ...{ id: `${jobId}_${instance}`, submission: id, instance, state: 'PENDING', serves: false },
        ...{ says: undefined, forgotten: false },
      });
      this.attempted.add(instance);
    }
    this.belief = track(
      this.belief,
      instances.map((task) => `${jobId}_${task}`),
    );
  }

  end(job: Job, tells: boolean): void {
    job.state = 'CANCELLED';
    job.serves = false;
    if (tells && job.says !== undefined) job.says = 'gone';
  }
}

type Step = (world: World, pick: number) => void;

const one = (world: World, pick: number, which: (job: Job) => boolean): Job | undefined => {
  const found = world.jobs.filter(which);
  return found[pick % Math.max(1, found.length)];
};
const live = ({ state }: Job) => state !== 'CANCELLED';

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
  'becomes ready': (world, pick) => {
    const job = one(world, pick, (each) => each.state === 'PENDING' || each.state === 'RUNNING');
    if (job !== undefined) Object.assign(job, { state: 'RUNNING', serves: true, says: 'ready' });
  },
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
  requeued: (world, pick) => {
    const job = one(world, pick, (each) => !each.forgotten);
    if (job !== undefined) Object.assign(job, { state: 'PENDING', serves: false, says: job.says && 'gone' });
  },
  suspended: (world, pick) => {
    const job = one(world, pick, ({ state }) => state === 'RUNNING');
    if (job !== undefined) Object.assign(job, { state: 'SUSPENDED', serves: false });
  },
  resumed: (world, pick) => {
    const job = one(world, pick, ({ state }) => state === 'SUSPENDED');
    if (job !== undefined) Object.assign(job, { state: 'RUNNING', serves: job.says === 'ready' });
  },
  'scaled to 1': (world) => {
    world.nodes = 1;
  },
  'scaled to 2': (world) => {
    world.nodes = NODES;
  },
};

const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(20)), { maxLength: 60 });

it('in every history a healthy server ends only for another healthy one or on request, and once faults end each instance has one job', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const world = new World();
      world.begin();
      for (const [name, pick] of history) {
        STEPS[name]?.(world, pick);
        world.act();
      }
      world.begin();
      for (let round = 0; round < 12; round += 1) {
        for (const job of world.jobs)
          if (live(job)) Object.assign(job, { state: 'RUNNING', serves: true, says: 'ready' });
        STEPS.asked?.(world, 0);
        world.answer(undefined);
        world.act();
      }
      const last = world.act();
      expect(last?.submit).toEqual([]);
      expect(last?.surplus).toEqual([]);
      expect(last?.instances.map(({ state, reachable }) => [state, reachable])).toEqual(
        Array(world.nodes).fill(['ready', true]),
      );
    }),
    { numRuns: 1_500 },
  );
});
