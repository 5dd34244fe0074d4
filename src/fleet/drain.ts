import type { Registered } from './facts.js';

export interface GatewayReport {
  jobId: string | null;
  /** Requests that it has not answered yet; null for a version that does not report it. */
  underWay: number | null;
  /** Runs in flight on each draining server, by job id. */
  draining: ReadonlyMap<string, number>;
  /** Jobs whose server it has in rotation; null for a version that does not report it. */
  inRotation: ReadonlySet<string> | null;
}

export interface Drain {
  jobId: string;
  since: number;
  /** The heartbeat counter of its registration at that moment; null if it had none. */
  beat: number | null;
}

export interface DrainFacts {
  now: number;
  longest: number;
  gateways: readonly GatewayReport[];
  registration: Pick<Registered, 'beat' | 'connections' | 'state'> | undefined;
  /** Runs in flight as the server reported since the drain began; null if it reported none. */
  running: number | null;
}

/**
 * Whether a server has drained: every live gateway has taken it out of rotation and has no run there. Without a
 * gateway, the server's own count of runs decides, or else its number of connections. True at the latest after
 * `longest`.
 */
export function drained(drain: Drain, facts: DrainFacts): boolean {
  const { now, longest, gateways, registration, running } = facts;
  if (now - drain.since >= longest || registration?.state === 'gone') return true;
  if (gateways.length > 0) return gateways.every(({ draining }) => draining.get(drain.jobId) === 0);
  if (running !== null) return running === 0;
  return registration !== undefined && registration.beat !== drain.beat && registration.connections === 0;
}

/** The gateway ends last, since it reports on the servers that drain. */
export function gatewayDrained(
  drain: Drain,
  { now, longest, gateways, registration }: DrainFacts,
  { serversLeft, stopping }: { serversLeft: boolean; stopping: boolean },
): boolean {
  if (serversLeft) return false;
  // Without servers it has no answer to give.
  if (stopping || now - drain.since >= longest || registration?.state === 'gone') return true;
  const own = gateways.find(({ jobId }) => jobId === drain.jobId);
  return own === undefined || own.underWay === 0;
}
