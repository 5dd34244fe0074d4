import { randomBytes } from 'node:crypto';
import { CANARY_TIMEOUT_S, type CanaryResult, canaryRequest, judgeCanary } from '../api/canary.js';
import { CanarySchedule } from '../api/canary-schedule.js';
import { after } from '../node.js';
import { newAgent, postRun } from './post.js';

/** Beyond the canary's own timeouts, for a server that has no lane for health checks. Seconds. */
const SLACK_S = 15;

export interface VerifierOptions {
  connectMs: number;
  token: string | undefined;
  now(): number;
}

interface Verification {
  notBefore: number;
  done(result: CanaryResult): void;
}

/** One health check serves all results that wait for the same server. */
export class Verifier {
  private readonly schedules = new Map<string, CanarySchedule<Verification>>();
  private readonly options: VerifierOptions;

  constructor(options: VerifierOptions) {
    this.options = options;
  }

  check(url: string, afterMs: number): Promise<CanaryResult> {
    const schedule = this.schedules.get(url) ?? new CanarySchedule<Verification>();
    this.schedules.set(url, schedule);
    return new Promise((done) => {
      schedule.add({ notBefore: this.options.now() + afterMs, done });
      this.arm(url, schedule);
    });
  }

  private arm(url: string, schedule: CanarySchedule<Verification>): void {
    const ms = schedule.dueAt - this.options.now();
    if (ms <= 0) void this.send(url, schedule);
    // Each verification sets a timer of its own; those that come when nothing is due do nothing.
    else after(Math.ceil(ms), () => this.arm(url, schedule));
  }

  private async send(url: string, schedule: CanarySchedule<Verification>): Promise<void> {
    const { connectMs, token } = this.options;
    const due = schedule.begin(this.options.now());
    const random = randomBytes(8).toString('hex');
    // A fresh connection: a reused one says nothing about the listener.
    const agent = newAgent(connectMs);
    const timeoutMs = (CANARY_TIMEOUT_S + SLACK_S) * 1000;
    const { verdict } = await postRun(url, canaryRequest(random), {
      agent,
      token,
      timeoutMs,
      signal: undefined,
    });
    const result = judgeCanary(random, null, verdict);
    void agent.close();
    schedule.end();
    if (schedule.isEmpty) this.schedules.delete(url);
    else this.arm(url, schedule);
    for (const { done } of due) done(result);
  }
}
