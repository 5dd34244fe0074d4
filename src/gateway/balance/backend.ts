export interface Backend {
  /** Maximum runs in flight from this process. */
  limit: number;
  inFlight: number;
  /** Failed runs, each until a successful one would have ended: what fails fast must not draw more requests. */
  cooling: number;
  /** Whether it is in rotation; an unhealthy one is only used when no healthy one is listed. */
  healthy: boolean;
  /** It has not proved that it is its job's, or somebody else answers there: it is never used. */
  foreign?: boolean;
  failures: number;
  /** A request that failed there gets the endpoint again only once this grew. */
  successes: number;
  /** The sequence number of the last choice; ties go to the least recently chosen. */
  lastChosen: number;
  /** Its index in a heap; -1 if it is in none. */
  heapIndex: number;
}

/** An unhealthy endpoint gets one run at a time, which is enough to see whether it is back. */
export function freeSlots(backend: Backend): number {
  return (backend.healthy ? backend.limit : Math.min(1, backend.limit)) - backend.inFlight;
}

export function lessBusy(a: Backend, b: Backend): boolean {
  const [aIsFull, bIsFull] = [a.inFlight >= a.limit, b.inFlight >= b.limit];
  if (aIsFull !== bIsFull) return bIsFull;
  const difference = (a.inFlight + a.cooling) * b.limit - (b.inFlight + b.cooling) * a.limit;
  return difference === 0 ? a.lastChosen < b.lastChosen : difference < 0;
}

export function fewerFailures(a: Backend, b: Backend): boolean {
  if (a.inFlight !== b.inFlight) return a.inFlight < b.inFlight;
  return a.failures === b.failures ? a.lastChosen < b.lastChosen : a.failures < b.failures;
}
