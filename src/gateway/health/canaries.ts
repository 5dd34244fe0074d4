import { randomBytes } from 'node:crypto';
import { type CanaryResult, canaryRequest, judgeCanary } from '../../api/canary.js';
import { after } from '../../node.js';
import type { Deadlines } from '../deadlines.js';
import { verdictOn } from '../judge.js';
import type { Member } from '../member.js';
import type { Cause } from '../types.js';
import type { Exchange } from '../upstream/pool.js';

export interface CanaryOptions {
  deadlines: Deadlines;
  now(): number;
  /** Milliseconds between two canaries of an endpoint in rotation; each differs by up to a fifth. */
  everyMs: number;
  /** Milliseconds that one may take. */
  timeoutMs: number;
  /** Header lines for every canary. */
  headers: string;
  /** A canary has ended. */
  saw(member: Member, result: CanaryResult, cause: Cause): void;
}

/** One that is not in rotation is asked this often: its return is waited for. Milliseconds. */
const EAGER_MS = 500;
/** Between a failure and the canary that looks into it. Milliseconds. */
const HURRY_MS = 20;

/** Sends canaries to all endpoints, to each on its own clock. */
export class Canaries {
  private readonly plans = new Map<Member, () => void>();
  private readonly busy = new Set<Member>();
  private readonly options: CanaryOptions;

  constructor(options: CanaryOptions) {
    this.options = options;
  }

  add(member: Member): void {
    this.plan(member, 0);
  }

  remove(member: Member): void {
    this.plans.get(member)?.();
    this.plans.delete(member);
  }

  /** A real run failed there: a canary now tells whether it was the server. */
  hurry(member: Member): void {
    if (this.plans.has(member) && !this.busy.has(member)) this.plan(member, HURRY_MS);
  }

  stop(): void {
    for (const member of this.plans.keys()) this.remove(member);
  }

  private plan(member: Member, ms: number): void {
    this.plans.get(member)?.();
    this.plans.set(
      member,
      after(ms, () => this.send(member)),
    );
  }

  private send(member: Member): void {
    const { now, everyMs } = this.options;
    // What real runs show is as good, and costs nothing.
    const { state, failures } = member.health;
    if (state === 'in' && failures === 0 && now() - member.workedAt < everyMs) {
      this.plan(member, this.pause(member));
      return;
    }
    this.busy.add(member);
    const random = randomBytes(8).toString('hex');
    const body = Buffer.from(JSON.stringify(canaryRequest(random)));
    const { headers, timeoutMs, deadlines } = this.options;
    let exchange: Exchange | undefined;
    const deadline = {
      at: now() + timeoutMs,
      expire: () => exchange?.giveUp(`the canary did not answer within ${timeoutMs / 1000} s`, 'timeout'),
    };
    deadlines.add(deadline);
    // On a connection of its own: one that was kept open says nothing about the listener.
    exchange = member.pool.send(
      { method: 'POST', target: '/run_code', headers, body },
      (result) => {
        deadlines.delete(deadline);
        this.busy.delete(member);
        if (!this.plans.has(member)) return;
        const cause = 'error' in result ? result.cause : 'sandbox_error';
        this.options.saw(member, judgeCanary(random, member.endpoint.nonce, verdictOn(result)), cause);
        this.plan(member, this.pause(member));
      },
      true,
    );
  }

  private pause({ health }: Member): number {
    // After a miss at once: each missed one costs its time-out already.
    const ms = health.state === 'in' && health.failures === 0 ? this.options.everyMs : EAGER_MS;
    return ms * (0.8 + 0.4 * Math.random());
  }
}
