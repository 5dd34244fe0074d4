import type { GatewayReport } from '../fleet/drain.js';
import type { Registered } from '../fleet/facts.js';

/** Interval of reading the gateways' files while a server is about to take over. Milliseconds. */
const READ_EVERY_MS = 500;
/** A gateway that has not taken a ready server into rotation by then cannot reach it. Milliseconds. */
const LONGEST_MS = 60_000;

/** The servers that all live gateways send runs to; reads only while two servers of one instance are ready. */
export function rotationWatch(deps: {
  now: () => number;
  gateways: () => Promise<readonly GatewayReport[]>;
  onChange: () => void;
}) {
  const readySince = new Map<string, number>();
  let reports: readonly GatewayReport[] = [];
  let readAt: number | undefined;
  let reading = false;

  return (registrations: ReadonlyMap<string, Registered>): ReadonlySet<string> | null => {
    const ready = [...registrations.values()].filter(({ state }) => state === 'ready');
    const instances = ready.map(({ instance }) => instance);
    const pairs = ready.filter(({ instance }) => instances.filter((other) => other === instance).length > 1);
    for (const id of readySince.keys()) if (!pairs.some(({ jobId }) => jobId === id)) readySince.delete(id);
    if (pairs.length === 0) {
      readAt = undefined;
      return null;
    }
    for (const { jobId } of pairs) readySince.set(jobId, readySince.get(jobId) ?? deps.now());
    read();
    // Until the first read it is unknown.
    if (readAt === undefined) return new Set();
    const says = reports.flatMap(({ inRotation }) => inRotation ?? []);
    if (says.length === 0) return null;
    const isKnown = (id: string) =>
      says.every((inRotation) => inRotation.has(id)) || deps.now() - (readySince.get(id) ?? 0) >= LONGEST_MS;
    return new Set(pairs.map(({ jobId }) => jobId).filter(isKnown));
  };

  function read(): void {
    if (reading || (readAt !== undefined && deps.now() - readAt < READ_EVERY_MS)) return;
    reading = true;
    deps
      .gateways()
      .then((read) => {
        reports = read;
      })
      // If the gateways' files cannot be read, gateways get the longest time.
      .catch(() => {
        reports = [{ jobId: null, underWay: null, draining: new Map(), inRotation: new Set() }];
      })
      .finally(() => {
        readAt = deps.now();
        reading = false;
        deps.onChange();
      });
  }
}
