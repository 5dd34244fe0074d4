import type { Surplus } from '../fleet/decide.js';
import { type Drain, drained, type GatewayReport, gatewayDrained } from '../fleet/drain.js';
import type { EventBody } from '../fleet/events.js';
import type { Facts } from '../fleet/facts.js';
import { drainEvent } from '../fleet/slot-events.js';
import { askRunning } from './probe.js';

/** Interval of reading the gateways' files and asking a server whether it is idle. Milliseconds. */
const ASK_EVERY_MS = 250;
/** If the gateways' files cannot be read, a server gets the longest drain. */
const UNREADABLE: GatewayReport = { jobId: null, underWay: null, draining: new Map(), inRotation: null };

export interface DrainsDeps {
  now: () => number;
  /** Longest drain. Milliseconds; 0 cancels at once. */
  longest: number;
  gateways: () => Promise<readonly GatewayReport[]>;
  published: () => Promise<void>;
  emit: (event: EventBody) => void;
}

interface Draining extends Drain {
  running: number | null;
  asking: boolean;
  askedAt: number;
}

/**
 * Lets servers that are to end finish their runs first. Nothing is stored: a later command starts the drain again.
 */
export function drainWatch(deps: DrainsDeps) {
  const begun = new Map<string, Draining>();
  let interrupts = 0;
  let underWay = false;
  let reports: readonly GatewayReport[] = [];
  let readAt = Number.NEGATIVE_INFINITY;

  return {
    isDraining: (jobId: string | null) => jobId !== null && begun.has(jobId),
    /**
     * Handles Ctrl-C during a drain: the first explains what a second does, the second ends all drains. Returns
     * whether it was handled.
     */
    interrupt(): boolean {
      if (!underWay || interrupts === 2) return false;
      interrupts += 1;
      if (interrupts === 1) {
        deps.emit({
          type: 'warning',
          reason: 'still draining: press Ctrl-C again to cancel the jobs at once, with the runs on them',
        });
      }
      return true;
    },
    /** Those of `ending` that may be cancelled now. Starts the drain of each that may have runs. */
    async due(ending: readonly Surplus[], facts: Facts, stopping: boolean): Promise<Surplus[]> {
      await begin(ending, facts);
      const longest = interrupts === 2 ? 0 : deps.longest;
      const gateways = begun.size > 0 && longest > 0 ? await gatewaysNow() : [];
      const factsOf = (drain: Draining) => ({
        now: deps.now(),
        longest,
        gateways,
        registration: facts.registrations.get(drain.jobId),
        running: drain.running,
      });
      const isOver = (view: Surplus, over: (drain: Draining) => boolean) => {
        const drain = begun.get(view.jobId ?? '');
        return drain === undefined || over(drain);
      };
      const servers = ending.filter(({ instance }) => instance !== 'gateway');
      const over = servers.filter((view) => isOver(view, (drain) => drained(drain, factsOf(drain))));
      const serversLeft = over.length < servers.length;
      const gatewaysOver = ending.filter(
        (view) =>
          view.instance === 'gateway' &&
          isOver(view, (drain) => gatewayDrained(drain, factsOf(drain), { serversLeft, stopping })),
      );
      if (gateways.length === 0) for (const view of servers) ask(view);
      const due = [...over, ...gatewaysOver];
      underWay = due.length < ending.length;
      return due;
    },
  };

  async function gatewaysNow(): Promise<readonly GatewayReport[]> {
    if (deps.now() - readAt < ASK_EVERY_MS) return reports;
    reports = await deps.gateways().catch(() => [UNREADABLE]);
    readAt = deps.now();
    return reports;
  }

  async function begin(ending: readonly Surplus[], facts: Facts): Promise<void> {
    const fresh = ending.filter(
      (view) => deps.longest > 0 && !begun.has(view.jobId ?? '') && mayHaveRuns(view, facts),
    );
    if (fresh.length === 0) return;
    // Gateways learn of the drain from the file. If it cannot be written, none will confirm, and the longest drain applies.
    await deps.published().catch(() => undefined);
    underWay = true;
    for (const view of fresh) {
      const jobId = view.jobId ?? '';
      const beat = facts.registrations.get(jobId)?.beat ?? null;
      begun.set(jobId, { jobId, since: deps.now(), beat, running: null, asking: false, askedAt: 0 });
      deps.emit(drainEvent(view, view.why, deps.longest / 1000));
    }
  }

  function ask(view: Surplus): void {
    const drain = begun.get(view.jobId ?? '');
    if (drain === undefined || view.url === null || drain.asking) return;
    if (deps.now() - drain.askedAt < ASK_EVERY_MS) return;
    drain.asking = true;
    drain.askedAt = deps.now();
    void askRunning(view.url).then((running) => {
      drain.running = running;
      drain.asking = false;
    });
  }
}

export type DrainWatch = ReturnType<typeof drainWatch>;

/**
 * Ready by its own health check or ours: a command that has just started does not know yet whether it is in reach.
 */
function mayHaveRuns({ jobId, state }: Surplus, { registrations }: Facts): boolean {
  const registered = registrations.get(jobId ?? '')?.state ?? 'gone';
  if (state === 'pending' || registered === 'gone') return false;
  return state === 'ready' || registered !== 'starting';
}
