import type { Deadline } from './deadlines.js';
import type { Forward, ForwardDeps, Job } from './forward.js';
import { judged } from './judge.js';
import type { Member } from './member.js';
import type { Exchange, Result } from './upstream/pool.js';

/** One request on one endpoint. It holds its slot to its own end, also where nobody waits for it any more. */
export class Attempt implements Deadline {
  readonly at: number;
  readonly member: Member;
  owner: Forward | undefined;
  private readonly deps: ForwardDeps;
  private readonly job: Job;
  private readonly began: number;
  private exchange: Exchange | undefined;
  private readonly leave = () => this.owner?.abandon(this, 'the endpoint does not answer its health checks');

  constructor(deps: ForwardDeps, owner: Forward, member: Member) {
    this.deps = deps;
    this.owner = owner;
    this.job = owner.job;
    this.member = member;
    this.began = deps.now();
    this.at = this.began + this.job.tryMs;
  }

  start(): void {
    const { job, member, deps } = this;
    deps.deadlines.add(this);
    if (job.repeatable) member.onEjected.add(this.leave);
    // Another route's loss must tell whether the request reached the server, which one on a used connection does not.
    this.exchange = member.pool.send(job.request, (result) => this.ended(result), !job.repeatable);
  }

  expire(): void {
    this.exchange?.giveUp(`no answer within ${this.job.tryMs / 1000} s`, 'timeout');
  }

  private ended(result: Result): void {
    const { deps, member, owner } = this;
    deps.deadlines.delete(this);
    member.onEjected.delete(this.leave);
    const what = judged(result, this.job.isRun);
    this.owner = undefined;
    deps.saw(member, what, deps.now() - this.began);
    owner?.took(this, result, what);
    deps.balancer.release(member);
  }
}
