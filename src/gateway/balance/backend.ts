/** What the balancer knows of one endpoint. The others may add to it. */
export interface Backend {
  /** Runs that may be under way there for this process at once. */
  limit: number;
  inFlight: number;
  /** Whether it is in rotation; one that is not gets a run only where there is no better one. */
  good: boolean;
  /** Failures in a row; among those out of rotation fewer are better. */
  failures: number;
  /** Counts how often it was proven good: one that failed a request may serve it again only after that. */
  proofs: number;
  /** When it was chosen last, as a count: of equals the one that waited longest is next. */
  turn: number;
  /** Its place in a heap; -1 in none. */
  place: number;
}

/** Out of rotation, one run at a time is enough to see whether it is back. */
export function room(backend: Backend): number {
  return (backend.good ? backend.limit : Math.min(1, backend.limit)) - backend.inFlight;
}

/** Whether `a` is to be chosen before `b`, both in rotation: the smaller part of its own limit is in use. */
export function lessBusy(a: Backend, b: Backend): boolean {
  const difference = a.inFlight * b.limit - b.inFlight * a.limit;
  return difference === 0 ? a.turn < b.turn : difference < 0;
}

/** The same for two that are out of rotation: a busy one is full. */
export function lessBad(a: Backend, b: Backend): boolean {
  if (a.inFlight !== b.inFlight) return a.inFlight < b.inFlight;
  return a.failures === b.failures ? a.turn < b.turn : a.failures < b.failures;
}
