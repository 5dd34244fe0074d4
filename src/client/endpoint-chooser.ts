/** How long an endpoint that failed is avoided if there is another. */
const COOLDOWN_MS = 5_000;

interface EndpointState {
  inFlight: number;
  failedAt: number;
}

/** Chooses the endpoint for the next run: the least busy one, avoiding those that failed recently. */
export class EndpointChooser {
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
      const { inFlight = 0, failedAt = Number.NEGATIVE_INFINITY } = this.states.get(url) ?? {};
      const coolingDown = this.now() - failedAt < COOLDOWN_MS ? 1 : 0;
      return [tried.filter((each) => each === url).length, coolingDown, inFlight];
    };
    return rotated.sort((a, b) => compare(cost(a), cost(b)))[0];
  }

  started(url: string): void {
    this.stateOf(url).inFlight += 1;
  }

  ended(url: string, failed: boolean): void {
    const state = this.stateOf(url);
    state.inFlight -= 1;
    state.failedAt = failed ? this.now() : Number.NEGATIVE_INFINITY;
  }

  /** For a failed health check, after the run itself has ended. */
  failed(url: string): void {
    this.stateOf(url).failedAt = this.now();
  }

  private stateOf(url: string): EndpointState {
    const state = this.states.get(url) ?? { inFlight: 0, failedAt: Number.NEGATIVE_INFINITY };
    this.states.set(url, state);
    return state;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
