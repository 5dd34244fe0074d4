import type { CanaryResult } from '../api/canary.js';
import type { Doubt } from '../api/verdict.js';
import { Attempt } from './attempt.js';
import type { Asking, Balancer } from './balance/balancer.js';
import type { Deadline, Deadlines } from './deadlines.js';
import type { Judged } from './judge.js';
import type { Member } from './member.js';
import type { Cause, Outcome } from './types.js';
import type { UpstreamAnswer } from './upstream/answer-reader.js';
import type { Result, UpstreamRequest } from './upstream/pool.js';

/** One request of a client, read whole. */
export interface Job {
  /** Whose it is: callers take turns. */
  caller: string;
  request: UpstreamRequest;
  /** Whether it is a `/run_code`, whose answer is judged. */
  isRun: boolean;
  /** Whether it may be sent again where it may have reached a server. */
  repeatable: boolean;
  /** When its answer must be on its way. */
  answerBy: number;
  /** Milliseconds that one server may take for it. */
  tryMs: number;
}

export interface ForwardDeps {
  balancer: Balancer<Member>;
  deadlines: Deadlines;
  now(): number;
  /** Tries of one request that reached a server. */
  tries: number;
  /** Requests that may wait at once. */
  longestQueue: number;
  /** What a try showed of its endpoint. */
  saw(member: Member, what: Judged, ms: number): void;
  /** Checks an endpoint's health, so many milliseconds from now, and says what that showed. */
  verify(member: Member, afterMs: number, done: (result: CanaryResult) => void): void;
  /** A request is tried again. */
  retried(cause: Cause): void;
}

const NOTHING_TRIED: ReadonlyMap<Member, number> = new Map();

/** Takes one request to an endpoint that answers it, within the time that its caller has. */
export class Forward implements Asking<Member>, Deadline {
  readonly caller: string;
  readonly at: number;
  again = false;
  tried = NOTHING_TRIED;
  /** Milliseconds in the queue, so far. */
  waited = 0;
  /** Tries so far. */
  count = 0;
  /** The endpoint that has it or had it last. */
  member: Member | undefined;
  private reached = 0;
  private since = 0;
  private reason = 'no endpoint is in reach';
  private attempt: Attempt | undefined;
  private held = false;
  private ended: ((outcome: Outcome) => void) | undefined;
  private readonly deps: ForwardDeps;
  readonly job: Job;

  /** `ended` is called once, unless the request is cancelled before. */
  constructor(deps: ForwardDeps, job: Job, ended: (outcome: Outcome) => void) {
    this.deps = deps;
    this.job = job;
    this.caller = job.caller;
    this.at = job.answerBy;
    this.ended = ended;
  }

  start(): void {
    this.deps.deadlines.add(this);
    this.next();
  }

  /** The client is gone. What runs goes on there to its end: no server of SandboxFusion stops it. */
  cancel(): void {
    this.end(undefined);
  }

  granted(member: Member): void {
    this.waited += this.deps.now() - this.since;
    this.send(member);
  }

  expire(): void {
    this.end({ kind: 'infra', reason: `no answer in time: ${this.told()}`, tries: this.count });
  }

  /** The attempt's end, told by it as long as it is this request's. */
  took(attempt: Attempt, result: Result, what: Judged): void {
    this.attempt = undefined;
    if (what.end === 'infra') this.failed(attempt.member, what, 'error' in result && result.unreached);
    else if (!('error' in result)) this.answered(attempt.member, result, what.doubt);
  }

  /** An answer that a server which is being ended gives too is held until the server is known to be well after it. */
  private answered(member: Member, answer: UpstreamAnswer, doubt: Doubt | null): void {
    if (doubt === null) {
      this.end({ kind: 'answer', answer, tries: this.count });
      return;
    }
    this.held = true;
    this.reason = `unverified: ${doubt.reason} (${member.endpoint.url})`;
    member.held += 1;
    this.deps.verify(member, doubt.afterMs, (health) => {
      member.held -= 1;
      this.held = false;
      if (this.ended === undefined) return;
      if (health.ok) this.end({ kind: 'answer', answer, tries: this.count });
      else
        this.failed(
          member,
          { reason: `unverified: ${doubt.reason}, then ${health.reason}`, cause: 'unverified' },
          false,
        );
    });
  }

  /** Its endpoint left rotation: another one shall do, and the attempt goes on alone. */
  abandon(attempt: Attempt, reason: string): void {
    attempt.owner = undefined;
    this.attempt = undefined;
    this.failed(attempt.member, { reason, cause: 'ejected' }, false);
  }

  private failed(
    member: Member,
    { reason, cause }: { reason: string; cause: Cause },
    unreached: boolean,
  ): void {
    this.reason = `${reason} (${member.endpoint.url})`;
    if (!unreached) this.reached += 1;
    if (!unreached && !this.job.repeatable) {
      this.end({ kind: 'infra', reason: this.reason, tries: this.count });
      return;
    }
    if (this.reached >= this.deps.tries) {
      this.end({ kind: 'infra', reason: `${this.count} tries failed: ${this.reason}`, tries: this.count });
      return;
    }
    this.tried = new Map(this.tried).set(member, member.proofs);
    this.again = true;
    this.deps.retried(cause);
    this.next();
  }

  private next(): void {
    const { balancer, longestQueue, now } = this.deps;
    const member = balancer.take(this);
    if (member !== undefined) {
      this.send(member);
      return;
    }
    if (!this.again && balancer.queued >= longestQueue) {
      this.end({ kind: 'refused', reason: `${balancer.queued} requests wait already`, tries: 0 });
      return;
    }
    this.since = now();
    balancer.wait(this);
  }

  private send(member: Member): void {
    this.count += 1;
    this.member = member;
    this.attempt = new Attempt(this.deps, this, member);
    this.attempt.start();
  }

  private told(): string {
    if (this.attempt !== undefined) return `still running (${this.attempt.member.endpoint.url})`;
    return this.count === 0 ? 'no free slot on any endpoint' : this.reason;
  }

  private end(outcome: Outcome | undefined): void {
    const { ended } = this;
    if (ended === undefined) return;
    this.ended = undefined;
    this.deps.deadlines.delete(this);
    if (this.attempt !== undefined) this.attempt.owner = undefined;
    else if (!this.held && this.deps.balancer.giveUp(this)) this.waited += this.deps.now() - this.since;
    if (outcome !== undefined) ended(outcome);
  }
}
