import { expect } from 'vitest';
import { serviceWatch } from '../../src/control/service-watch.js';
import { type Decision, decide, successorViews } from '../../src/fleet/decide.js';
import type { Facts, SubmissionFact } from '../../src/fleet/facts.js';
import type { Fault } from '../../src/fleet/faults.js';
import { applyAnswer, type JobTable, track } from '../../src/fleet/job-table.js';
import { upkeepOf } from '../../src/fleet/replacement.js';
import { jobFact, registered } from './facts.js';

/** What really is there, whoever knows of it. */
export interface Job {
  id: string;
  submission: string;
  instance: number;
  state: 'PENDING' | 'RUNNING' | 'SUSPENDED' | 'CANCELLED';
  reason: string;
  /** Whether its server answers. */
  serves: boolean;
  /** What its registration says, also after its end. */
  says: 'starting' | 'ready' | 'unhealthy' | 'gone' | undefined;
  /** Slurm knows it no more (MinJobAge). */
  forgotten: boolean;
  /** Seconds until its time limit. */
  left: number;
}

export const SETTLE = 10_000;
const LIMIT = 10_000;
const START = 1_000_000;

export interface Rules {
  /** Whether commands stay and replace what nears its time limit, as `keep`, or try each instance once. */
  keeps: boolean;
  maxSurge: number;
}

/** A fleet over many commands, each with a belief of its own, and the faults between them. */
export class World {
  jobs: Job[] = [];
  submissions: SubmissionFact[] = [];
  belief: JobTable = new Map();
  answered = false;
  /** Ids in the last good answer. */
  listed: string[] = [];
  attempted = new Set<number>();
  asked = new Set<string>();
  now = START;
  nodes = 2;
  hash = 'h';
  generation = 1;
  faults: Fault[] = [];
  freshFrom = 0;
  /** What becomes of the next sbatch. */
  nextSubmit: 'clear' | 'unclear' | 'lost' = 'clear';
  private readonly missed = new Map<string, number>();
  private service = serviceWatch();
  private readonly rules: Rules;

  constructor(rules: Rules) {
    this.rules = rules;
  }

  get spec() {
    const upkeep = { maxSurge: this.rules.maxSurge, wedgedAfter: 20 };
    return { nodes: this.nodes, hash: this.hash, freshFrom: this.freshFrom, upkeep };
  }

  /** Another command starts: it knows the submissions that were written down. */
  begin(): void {
    const written = this.submissions.filter(({ jobId }) => jobId !== null);
    this.belief = track(new Map(), written.flatMap(idsOf));
    this.answered = false;
    this.attempted = new Set();
    this.asked = new Set();
    this.missed.clear();
    this.service = serviceWatch();
  }

  answer(without: Job | undefined): void {
    this.now += SETTLE / 2;
    const jobs = this.jobs
      .filter((job) => !job.forgotten && job !== without)
      .map(({ id, submission, state, reason, left }) =>
        jobFact(id, {
          ...{ tag: { fleet: 'sandbox', generation: 1, submission }, state, reason },
          ...{ timeLeft: left, elapsed: LIMIT - left },
        }),
      );
    this.listed = jobs.map(({ id }) => id);
    this.settleUnclear();
    this.belief = applyAnswer(this.belief, { ok: true, jobs }, this.now, SETTLE);
    this.answered = true;
  }

  /** As control/fleet-watch does: an unclear submission is found by its jobs, or given up after two answers. */
  private settleUnclear(): void {
    for (const each of this.submissions.filter(({ jobId }) => jobId === null)) {
      const found = this.jobs.find(
        ({ id, submission }) => submission === each.id && this.listed.includes(id),
      );
      const since = this.missed.get(each.id) ?? this.now;
      if (found !== undefined) {
        each.jobId = found.id.split('_')[0] ?? null;
        this.belief = track(this.belief, idsOf(each));
      } else if (this.now - since >= SETTLE) {
        this.submissions = this.submissions.filter((other) => other !== each);
        for (const instance of each.instances) this.attempted.delete(Number(instance));
      } else this.missed.set(each.id, since);
    }
  }

  facts(): Facts {
    const told = this.jobs.filter(({ says }) => says !== undefined);
    const facts = {
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
      keeps: this.rules.keeps,
      inRotation: null,
      faults: this.faults,
    };
    return { ...facts, outOfService: this.service(facts) };
  }

  /** One round of the loop: what is decided is done. */
  act(): Decision | undefined {
    if (!this.answered) return undefined;
    const facts = this.facts();
    const decision = decide(this.spec, facts);
    expect(decide(this.spec, facts), 'the same call decides the same').toEqual(decision);
    this.checkNothingForgotten(decision);
    this.checkConfirmedStay(decision);
    const live = [...this.belief.values()].filter(({ gone }) => !gone).length;
    const unclear = this.submissions
      .filter(({ jobId }) => jobId === null)
      .flatMap(({ instances }) => instances);
    for (const slot of decision.submit) expect(unclear, `${slot} may have a job already`).not.toContain(slot);
    const most = this.nodes + upkeepOf(this.spec).maxSurge;
    if (decision.submit.length > 0)
      expect(live + unclear.length + decision.submit.length, 'more jobs than allowed').toBeLessThanOrEqual(
        most,
      );
    if (decision.submit.length > 0) this.submit(decision.submit.map(Number));
    for (const view of decision.surplus.filter(({ mayEnd }) => mayEnd)) this.cancel(view.jobId, decision);
    return decision;
  }

  private checkNothingForgotten({ instances, surplus, replacements }: Decision): void {
    const views = [...instances, ...surplus, ...successorViews({ replacements })].map(({ jobId }) => jobId);
    for (const { id, gone } of this.belief.values())
      if (!gone)
        expect(
          views.filter((each) => each === id),
          `${id} is decided about once`,
        ).toHaveLength(1);
  }

  private checkConfirmedStay({ instances, surplus }: Decision): void {
    for (const view of instances) {
      if (view.jobId === null || view.reachable === true || this.listed.includes(view.jobId)) continue;
      const displaced = surplus.filter(
        ({ instance, jobId, why }) =>
          instance === view.instance &&
          this.listed.includes(jobId ?? '') &&
          this.isCurrent(jobId) &&
          why !== '',
      );
      expect(displaced, `${view.jobId} is in no answer, and displaces`).toEqual([]);
    }
  }

  private isCurrent(id: string | null): boolean {
    const submission = this.submissions.find((each) => idsOf(each).includes(id ?? ''));
    return submission?.hash === this.hash && submission.generation >= this.freshFrom;
  }

  private cancel(id: string | null, { instances }: Decision): void {
    const job = this.jobs.find((each) => each.id === id);
    expect(this.listed, `${id} is cancelled, and the last answer did not have it`).toContain(id);
    const kept = instances.find(({ instance }) => instance === job?.instance);
    const holder = this.jobs.find((each) => each.id === kept?.jobId);
    if (job?.serves && kept !== undefined)
      expect(holder?.serves && holder !== job, `${id} serves and yields to ${holder?.id}`).toBe(true);
    if (job?.serves && this.nodes > 0 && kept === undefined)
      expect(
        instances.filter(({ jobId }) => jobId !== null),
        `${id} serves and none is kept for it`,
      ).toHaveLength(this.nodes);
    if (job !== undefined) this.end(job, true);
  }

  private submit(instances: readonly number[]): void {
    const number = 1000 + this.jobs.length + this.submissions.length + Math.floor(this.now / 1000);
    const id = `s${number}`;
    const how = this.nextSubmit;
    this.nextSubmit = 'clear';
    const jobId = how === 'clear' ? String(number) : null;
    this.submissions.push({
      ...{ id, hash: this.hash, generation: this.generation, offset: 0, instances: [...instances], jobId },
    });
    for (const instance of instances) {
      if (!this.rules.keeps) this.attempted.add(instance);
      if (how === 'lost') continue;
      this.jobs.push({
        ...{ id: `${number}_${instance}`, submission: id, instance, state: 'PENDING', reason: '' },
        ...{ serves: false, says: undefined, forgotten: false, left: LIMIT },
      });
    }
    if (jobId !== null)
      this.belief = track(
        this.belief,
        instances.map((task) => `${jobId}_${task}`),
      );
  }

  end(job: Job, tells: boolean): void {
    this.faults.push({
      ...{ at: this.now, slot: job.instance, jobId: job.id, hash: this.hash, node: null, state: 'FAILED' },
      ...{ cause: '', lasted: LIMIT - job.left, neverReady: false },
    });
    job.state = 'CANCELLED';
    job.serves = false;
    if (tells && job.says !== undefined) job.says = 'gone';
  }

  /** Jobs run, and end at their time limit. */
  pass(seconds: number): void {
    for (const job of this.jobs.filter(({ state }) => state === 'RUNNING')) {
      job.left -= seconds;
      if (job.left <= 0) this.end(job, true);
    }
  }
}

function idsOf({ jobId, instances }: SubmissionFact): string[] {
  return jobId === null ? [] : instances.map((task) => `${jobId}_${task}`);
}
