const COOLDOWN_MS = 5_000;

/** Weight of the latest success in the mean time of a run. */
const NEWEST_WEIGHT = 0.2;

interface EndpointState {
  inFlight: number;
  failedAt: number;
  /** Until when each run that failed fast still counts as in flight. */
  lingering: number[];
}

/** Chooses the endpoint for the next run: the least busy one, avoiding those that failed recently. */
export class EndpointChooser {
  private meanMs = 0;
  private readonly states = new Map<string, EndpointState>();
  /** Random: short-lived clients such as `sandboxctl run` must not all start with the same endpoint. */
  private turn = Math.floor(Math.random() * 2 ** 16);
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** `tried` have failed this run and come last. Undefined if there is no endpoint. */
  next(urls: readonly string[], tried: readonly string[]): string | undefined {
    const start = urls.length === 0 ? 0 : this.turn++ % urls.length;
    const rotated = [...urls.slice(start), ...urls.slice(0, start)];
    const cost = (url: string): number[] => {
      const state = this.stateOf(url);
      const now = this.now();
      state.lingering = state.lingering.filter((until) => until > now);
      const coolingDown = now - state.failedAt < COOLDOWN_MS ? 1 : 0;
      const load = state.inFlight + state.lingering.length;
      return [tried.filter((each) => each === url).length, coolingDown, load];
    };
    return rotated.sort((a, b) => compare(cost(a), cost(b)))[0];
  }

  started(url: string): void {
    this.stateOf(url).inFlight += 1;
  }

  /** A failed run keeps its place for as long as a success takes: what fails fast must not draw more runs. */
  ended(url: string, end: 'success' | 'failure' | 'infra', startedAt: number): void {
    const state = this.stateOf(url);
    const now = this.now();
    state.inFlight -= 1;
    state.failedAt = end === 'infra' ? now : Number.NEGATIVE_INFINITY;
    if (end !== 'success') state.lingering.push(startedAt + this.meanMs);
    else this.meanMs += (now - startedAt - this.meanMs) * (this.meanMs === 0 ? 1 : NEWEST_WEIGHT);
  }

  private stateOf(url: string): EndpointState {
    const state = this.states.get(url) ?? { inFlight: 0, failedAt: Number.NEGATIVE_INFINITY, lingering: [] };
    this.states.set(url, state);
    return state;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
