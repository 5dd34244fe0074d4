import { type Backend, fewerFailures, freeSlots, lessBusy } from './backend.js';
import { FairQueue, type QueuedRequest } from './fair-queue.js';
import { Heap } from './heap.js';

export interface SlotRequest<B> extends QueuedRequest {
  /** Endpoints that failed this request, each with its number of successes at that time. */
  tried: ReadonlyMap<B, number>;
  onGranted(backend: B): void;
}

/**
 * The endpoint that uses the least of its limit wins, none gets more than its limit, and others queue. Pure: no
 * clock, no I/O.
 */
export class Balancer<B extends Backend> {
  private readonly healthy = new Heap<B>(lessBusy);
  private readonly unhealthy = new Heap<B>(fewerFailures);
  private readonly backends = new Set<B>();
  private readonly queue = new FairQueue<SlotRequest<B>>();
  private choices = 0;

  get queued(): number {
    return this.queue.size;
  }

  tryAcquire(request: SlotRequest<B>): B | undefined {
    const backend = this.choose(request);
    if (backend !== undefined) this.occupy(backend);
    return backend;
  }

  enqueue(request: SlotRequest<B>): void {
    this.queue.add(request);
  }

  dequeue(request: SlotRequest<B>): boolean {
    return this.queue.remove(request);
  }

  release(backend: B): void {
    backend.inFlight -= 1;
    this.reorder(backend);
    this.grantQueued();
  }

  add(backend: B): void {
    this.backends.add(backend);
    this.insert(backend);
    this.grantQueued();
  }

  /** Runs in flight there may end, and must still be released. */
  remove(backend: B): void {
    this.backends.delete(backend);
    this.takeOut(backend);
    // If it was the last healthy one, queued requests may now go to an unhealthy one.
    this.grantQueued();
  }

  update(
    backend: B,
    changes: Partial<Pick<Backend, 'limit' | 'healthy' | 'foreign' | 'failures' | 'successes' | 'cooling'>>,
  ): void {
    this.takeOut(backend);
    Object.assign(backend, changes);
    if (this.backends.has(backend)) this.insert(backend);
    this.grantQueued();
  }

  /** First an endpoint that has not failed this request, then one that has had a success since. */
  private choose({ tried }: SlotRequest<B>): B | undefined {
    if (tried.size === 0) return ifFree(this.healthy.first(always) ?? this.unhealthy.first(always));
    const untried = (backend: B) => !tried.has(backend);
    const succeededSince = (backend: B) => backend.successes > (tried.get(backend) ?? 0);
    return ifFree(
      this.healthy.first(untried) ??
        this.healthy.first(succeededSince) ??
        this.unhealthy.first(untried) ??
        this.unhealthy.first(succeededSince),
    );
  }

  private grantQueued(): void {
    while (this.queue.size > 0 && this.hasFreeSlot()) {
      let backend: B | undefined;
      const request = this.queue.takeFirst((each) => {
        backend = this.choose(each);
        return backend !== undefined;
      });
      if (request === undefined || backend === undefined) return;
      this.occupy(backend);
      request.onGranted(backend);
    }
  }

  private hasFreeSlot(): boolean {
    return [this.healthy, this.unhealthy].some((heap) => ifFree(heap.first(always)) !== undefined);
  }

  private occupy(backend: B): void {
    backend.inFlight += 1;
    this.choices += 1;
    backend.lastChosen = this.choices;
    this.reorder(backend);
  }

  private reorder(backend: B): void {
    if (backend.heapIndex >= 0) this.heapOf(backend).update(backend);
  }

  private insert(backend: B): void {
    // With no share of its slots it cannot be chosen.
    if (backend.limit > 0 && backend.foreign !== true) this.heapOf(backend).add(backend);
  }

  private takeOut(backend: B): void {
    if (backend.heapIndex >= 0) this.heapOf(backend).remove(backend);
  }

  private heapOf(backend: B): Heap<B> {
    return backend.healthy ? this.healthy : this.unhealthy;
  }
}

const always = () => true;

/** The first of a heap has the most free slots: if it has none, no other has. */
function ifFree<B extends Backend>(backend: B | undefined): B | undefined {
  return backend !== undefined && freeSlots(backend) > 0 ? backend : undefined;
}
