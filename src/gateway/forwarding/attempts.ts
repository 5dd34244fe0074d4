import type { Endpoint } from '../endpoint.js';
import { Attempt, type AttemptListener } from './attempt.js';
import { Hedge } from './hedge.js';
import type { ForwarderDeps, ProxyRequest } from './types.js';

export interface AttemptsOptions {
  deps: ForwarderDeps;
  request: ProxyRequest;
  listener: AttemptListener;
  /** A slot for a second attempt beside the one that is slow, if there is one. */
  takeBeside(slow: Endpoint): Endpoint | undefined;
}

/** The attempts of one request: one under way, and once a second beside it. */
export class Attempts {
  count = 0;
  /** Of the latest attempt. */
  endpoint: Endpoint | undefined;
  private readonly underWay = new Set<Attempt>();
  /** The one beside which a second was begun. */
  private slow: Attempt | undefined;
  private hedge: Hedge | undefined;
  private readonly options: AttemptsOptions;

  constructor(options: AttemptsOptions) {
    this.options = options;
  }

  get isEmpty(): boolean {
    return this.underWay.size === 0;
  }

  /** The endpoints that have the request. */
  get endpoints(): Endpoint[] {
    return [...this.underWay].map(({ endpoint }) => endpoint);
  }

  /** The endpoint that still has not answered while a second one did. */
  get overtaken(): Endpoint | undefined {
    return this.slow !== undefined && this.underWay.has(this.slow) ? this.slow.endpoint : undefined;
  }

  begin(endpoint: Endpoint): void {
    const { deps, request, listener } = this.options;
    this.count += 1;
    this.endpoint = endpoint;
    const attempt = new Attempt(deps, request, endpoint, listener);
    this.underWay.add(attempt);
    this.hedge?.stop();
    if (request.isRun && this.slow === undefined) this.hedge = this.hedgeFor(attempt);
    attempt.start();
  }

  end(attempt: Attempt): void {
    attempt.detach();
    this.underWay.delete(attempt);
  }

  leave(): void {
    this.hedge?.stop();
    for (const attempt of this.underWay) attempt.leave();
  }

  private hedgeFor(attempt: Attempt): Hedge {
    const { deps, request, takeBeside } = this.options;
    const { deadlines, now, expectedMs } = deps;
    const { longestMs, answerBy } = request;
    const { endpoint } = attempt;
    return new Hedge({
      ...{ deadlines, now, expectedMs, longestMs, answerBy },
      lastAnswerAt: () => endpoint.lastAnswerAt,
      start: () => {
        const other = this.underWay.has(attempt) ? takeBeside(endpoint) : undefined;
        if (other === undefined) return false;
        this.slow = attempt;
        deps.onRetry('slow');
        this.begin(other);
        return true;
      },
    });
  }
}
