import type { InstanceView } from '../fleet/instance.js';
import type { RunCounts } from './run-counts.js';

/** Servers are asked what they ran this often, or four times within the idle time. Milliseconds. */
const ASK_EVERY_MS = 60_000;
const SHARES = 4;
/** A run under way at so many rounds in a row is no health check. */
const ROUNDS_UNDER_WAY = 3;

export interface IdleDeps {
  /** Milliseconds without a run after which a fleet is idle. */
  idleMs: number;
  now: () => number;
  ask: (url: string) => Promise<RunCounts | undefined>;
}

type Seen = Pick<InstanceView, 'jobId' | 'state' | 'url'>;

/** Whether a fleet has run nothing for so long, by the servers' own counters. Neither method waits. */
export function idleWatch({ idleMs, now, ask }: IdleDeps) {
  const runs = new Map<string, number>();
  const busyRounds = new Map<string, number>();
  const askEveryMs = Math.min(ASK_EVERY_MS, idleMs / SHARES);
  let activeAt = now();
  let askedAt = now();
  let asking = false;
  /** Whether the last round had an answer of every server. */
  let complete = false;

  async function round(servers: readonly Seen[]): Promise<void> {
    const answers = await Promise.all(servers.map(({ url }) => ask(url ?? '')));
    complete = answers.every((answer) => answer !== undefined);
    for (const [at, { jobId }] of servers.entries()) {
      const [id, answer] = [jobId ?? '', answers[at]];
      if (answer === undefined) continue;
      // A job that was there before this keeper has run what it has run; one that is new has begun at 0.
      if (answer.runs !== (runs.get(id) ?? (runs.size === 0 ? answer.runs : 0))) activeAt = now();
      const rounds = answer.underWay > 0 ? (busyRounds.get(id) ?? 0) + 1 : 0;
      if (rounds >= ROUNDS_UNDER_WAY) activeAt = now();
      busyRounds.set(id, rounds);
    }
    for (const [at, { jobId }] of servers.entries()) runs.set(jobId ?? '', answers[at]?.runs ?? 0);
  }

  return {
    check(instances: readonly Seen[]): void {
      if (asking || now() - askedAt < askEveryMs) return;
      const servers = instances.filter(({ state, url }) => state === 'ready' && url !== null);
      // A fleet whose servers are pending or starting is not idle: nobody could use it.
      if (servers.length === 0) activeAt = now();
      asking = true;
      askedAt = now();
      void round(servers).finally(() => {
        asking = false;
      });
    },
    isIdle: () => complete && now() - activeAt >= idleMs,
  };
}

export type IdleWatch = ReturnType<typeof idleWatch>;
