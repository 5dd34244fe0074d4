import type { InstanceView } from '../fleet/instance.js';
import type { RunCounts } from './run-counts.js';

/** Interval of asking servers for their counts of runs; shorter for a short idle time. Milliseconds. */
const ASK_EVERY_MS = 60_000;
const SHARES = 4;
/** A run that is under way in this many rounds in a row is not a health check. */
const ROUNDS_UNDER_WAY = 3;

export interface IdleDeps {
  /** Milliseconds without a run after which a fleet is idle. */
  idleMs: number;
  now: () => number;
  ask: (url: string) => Promise<RunCounts | undefined>;
}

type Seen = Pick<InstanceView, 'jobId' | 'state' | 'url'>;

/** Detects a fleet that has run nothing for `idleMs`, by the servers' own counters. Neither method waits. */
export function idleWatch({ idleMs, now, ask }: IdleDeps) {
  const runs = new Map<string, number>();
  const busyRounds = new Map<string, number>();
  const askEveryMs = Math.min(ASK_EVERY_MS, idleMs / SHARES);
  let activeAt = now();
  let askedAt = now();
  let asking = false;
  /** When the last round began, if every server answered in it. */
  let completeAt: number | undefined;

  async function round(servers: readonly Seen[], silent: boolean): Promise<void> {
    const began = now();
    const answers = await Promise.all(servers.map(({ url }) => ask(url ?? '')));
    completeAt = !silent && answers.every((answer) => answer !== undefined) ? began : undefined;
    for (const [at, { jobId }] of servers.entries()) {
      const [id, answer] = [jobId ?? '', answers[at]];
      if (answer === undefined) continue;
      // The first round only records the counts; a job that is new after that has started at 0.
      if (answer.runs !== (runs.get(id) ?? (runs.size === 0 ? answer.runs : 0))) activeAt = now();
      const rounds = answer.underWay > 0 ? (busyRounds.get(id) ?? 0) + 1 : 0;
      if (rounds >= ROUNDS_UNDER_WAY) activeAt = now();
      busyRounds.set(id, rounds);
    }
    for (const [at, { jobId }] of servers.entries()) runs.set(jobId ?? '', answers[at]?.runs ?? 0);
  }

  return {
    check(instances: readonly Seen[]): void {
      // One more round at the end of the idle time, for runs since the last round.
      const due = askedAt - activeAt < idleMs && now() - activeAt >= idleMs;
      if (asking || (!due && now() - askedAt < askEveryMs)) return;
      const servers = instances.filter(({ state, url }) => state === 'ready' && url !== null);
      // A fleet whose servers are pending or starting is not idle: it cannot be used yet.
      if (servers.length === 0) activeAt = now();
      asking = true;
      askedAt = now();
      // A server that is too busy for a health check is not idle.
      const silent = instances.some(({ state }) => state === 'unhealthy');
      void round(servers, silent).finally(() => {
        asking = false;
      });
    },
    isIdle: () => completeAt !== undefined && completeAt - activeAt >= idleMs,
  };
}

export type IdleWatch = ReturnType<typeof idleWatch>;
