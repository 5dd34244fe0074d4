export interface QueuedRequest {
  /** Callers take turns, however many requests each has. */
  caller: string;
  /** A retry goes before its caller's other requests. */
  isRetry: boolean;
}

class CallerQueue<T extends QueuedRequest> {
  readonly retries = new Set<T>();
  readonly fresh = new Set<T>();

  setFor(request: T): Set<T> {
    return request.isRetry ? this.retries : this.fresh;
  }

  get length(): number {
    return this.retries.size + this.fresh.size;
  }
}

/** Round robin over callers; first in, first out for each caller. */
export class FairQueue<T extends QueuedRequest> {
  private readonly queues = new Map<string, CallerQueue<T>>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(request: T): void {
    const queue = this.queues.get(request.caller) ?? new CallerQueue<T>();
    this.queues.set(request.caller, queue);
    queue.setFor(request).add(request);
    this.count += 1;
  }

  remove(request: T): boolean {
    const queue = this.queues.get(request.caller);
    if (queue?.setFor(request).delete(request) !== true) return false;
    this.count -= 1;
    if (queue.length === 0) this.queues.delete(request.caller);
    return true;
  }

  takeFirst(accepts: (request: T) => boolean): T | undefined {
    for (const [caller, queue] of this.queues) {
      for (const requests of [queue.retries, queue.fresh]) {
        for (const request of requests) {
          if (!accepts(request)) continue;
          this.remove(request);
          if (this.queues.delete(caller)) this.queues.set(caller, queue);
          return request;
        }
      }
    }
    return undefined;
  }
}
