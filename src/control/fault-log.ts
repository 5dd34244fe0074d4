import type { EventBody } from '../fleet/events.js';
import { type Fault, isFault, LEFT_OUT_MS, leftOutNodes, pausesOf } from '../fleet/faults.js';
import { readFaults, writeFaults } from '../state/faults.js';
import type { FleetStore } from '../state/store.js';

/** Reports about one job within this time are one fault, such as wedged, then cancelled. Milliseconds. */
const SAME_MS = 600_000;

/** Remembers faults across commands, and derives pauses and excluded nodes from them. A failed write is ignored. */
export async function faultLog(deps: {
  store: Pick<FleetStore, 'folders'>;
  now: () => number;
  writes: () => boolean;
  emit: (event: EventBody) => void;
}) {
  const { store, now, emit } = deps;
  let faults = await readFaults(store.folders.faults);
  return {
    all: (): readonly Fault[] => faults,
    leftOut: () => leftOutNodes(faults, now()),
    /** Returns a note on when the slot is tried again; empty if at once. */
    async note(fault: Fault): Promise<string> {
      const isTold = faults.some(({ jobId, at }) => jobId === fault.jobId && fault.at - at < SAME_MS);
      if (!isFault(fault.state) || isTold) return '';
      const before = new Set(leftOutNodes(faults, now()).map(({ node }) => node));
      faults = [...faults, fault];
      if (deps.writes()) await writeFaults(store.folders.faults, faults, now()).catch(() => undefined);
      for (const { node, failed, causes } of leftOutNodes(faults, now())) {
        if (before.has(node)) continue;
        const reason = `the fleet gets no jobs on ${node} for ${LEFT_OUT_MS / 60_000} min, as far as other nodes are left: ${failed} failed there (${causes.join('; ')})`;
        emit({ type: 'warning', node, reason });
      }
      const pause = pausesOf(faults, fault.hash, fault.slot);
      if (pause === undefined) return '';
      if (pause.until === null)
        return `no other start is tried, since none of ${pause.faults} worked: 'sandboxctl deploy' tries again`;
      return `another job is submitted in ${Math.round((pause.until - fault.at) / 1000)} s`;
    },
  };
}

export type FaultLog = Awaited<ReturnType<typeof faultLog>>;
