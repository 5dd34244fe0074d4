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

/** Somebody who waits for a canary that begins at `from` or later. */
interface Verification {
  /** Milliseconds. */
  from: number;
  done(result: CanaryResult): void;
}

/** Sends canaries to all endpoints, to each on its own clock. */
export class Canaries {
  private readonly plans = new Map<Member, () => void>();
  private readonly busy = new Set<Member>();
  private readonly verifying = new Map<Member, Verification[]>();
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

  /** So many milliseconds from now; one canary answers all who wait for it by then. */
  verify(member: Member, afterMs: number, done: (result: CanaryResult) => void): void {
    this.wait(member, { from: this.options.now() + afterMs, done });
    this.sendDue(member);
  }

  private wait(member: Member, verification: Verification): void {
    this.verifying.set(member, [...(this.verifying.get(member) ?? []), verification]);
  }

  stop(): void {
    for (const member of this.plans.keys()) this.remove(member);
  }

  private plan(member: Member, ms: number): void {
    this.plans.get(member)?.();
    this.plans.set(
      member,
      after(ms, () => this.look(member)),
    );
  }

  private look(member: Member): void {
    const { now, everyMs } = this.options;
    // What real runs show is as good, and costs nothing.
    const { state, failures } = member.health;
    if (state === 'in' && failures === 0 && now() - member.workedAt < everyMs) {
      this.plan(member, this.pause(member));
      return;
    }
    if (!this.busy.has(member)) this.send(member);
  }

  /** At the time of the first who waits. Timers may fire a little early by this clock, and then wait again. */
  private sendDue(member: Member): void {
    const first = Math.min(...(this.verifying.get(member) ?? []).map(({ from }) => from));
    const ms = first - this.options.now();
    if (ms === Number.POSITIVE_INFINITY || this.busy.has(member)) return;
    if (ms > 0) setTimeout(() => this.sendDue(member), Math.ceil(ms)).unref();
    else this.send(member);
  }

  private send(member: Member): void {
    const { headers, timeoutMs, deadlines, now } = this.options;
    this.busy.add(member);
    const answers = this.takeDue(member);
    const random = randomBytes(8).toString('hex');
    const body = Buffer.from(JSON.stringify(canaryRequest(random)));
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
        const health = judgeCanary(random, member.endpoint.nonce, verdictOn(result));
        const cause = 'error' in result ? result.cause : 'sandbox_error';
        if (this.plans.has(member)) {
          this.options.saw(member, health, cause);
          this.plan(member, this.pause(member));
        }
        // A server that is busy may be late once: it counts as gone when it has left rotation.
        const stays = this.plans.has(member) && member.health.state === 'in';
        for (const each of answers) {
          if (cause === 'timeout' && stays) this.wait(member, each);
          else each.done(health);
        }
        this.sendDue(member);
      },
      true,
    );
  }

  private takeDue(member: Member): Verification[] {
    const now = this.options.now();
    const waits = this.verifying.get(member) ?? [];
    const later = waits.filter(({ from }) => from > now);
    if (later.length === 0) this.verifying.delete(member);
    else this.verifying.set(member, later);
    return waits.filter(({ from }) => from <= now);
  }

  private pause({ health }: Member): number {
    // After a miss at once: each missed one costs its time-out already.
    const ms = health.state === 'in' && health.failures === 0 ? this.options.everyMs : EAGER_MS;
    return ms * (0.8 + 0.4 * Math.random());
  }
}
