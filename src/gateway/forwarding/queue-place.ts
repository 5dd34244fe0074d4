import type { SlotRequest } from '../balance/balancer.js';
import type { Deadline } from '../deadlines.js';
import type { Endpoint } from '../endpoint.js';
import type { ForwarderDeps } from './types.js';

const NOTHING_TRIED: ReadonlyMap<Endpoint, number> = new Map();
/** A number of successes that no endpoint ever has more of. */
const NEVER = Number.POSITIVE_INFINITY;

export interface PlaceEvents {
  onSlot(endpoint: Endpoint): void;
  onQueueFull(waiting: number): void;
}

/** A request's place in the queue, and the endpoints that it may be sent to. */
export class QueuePlace implements SlotRequest<Endpoint> {
  readonly caller: string;
  isRetry = false;
  tried = NOTHING_TRIED;
  /** Milliseconds in the queue so far. */
  waited = 0;
  private queuedSince: number | undefined;
  private pause: Deadline | undefined;
  private readonly deps: ForwarderDeps;
  private readonly events: PlaceEvents;

  constructor(deps: ForwarderDeps, caller: string, events: PlaceEvents) {
    this.deps = deps;
    this.caller = caller;
    this.events = events;
  }

  onGranted(endpoint: Endpoint): void {
    this.stopClock();
    this.events.onSlot(endpoint);
  }

  get isWaiting(): boolean {
    return this.queuedSince !== undefined || this.pause !== undefined;
  }

  /** The endpoint gets the request again only once it had more than so many successes. */
  avoid(endpoint: Endpoint, successes: number): void {
    this.tried = new Map(this.tried).set(endpoint, successes);
  }

  /** Takes a slot now, or waits for one. */
  take(): void {
    const { balancer, maxQueue, now } = this.deps;
    const endpoint = balancer.tryAcquire(this);
    if (endpoint !== undefined) this.events.onSlot(endpoint);
    else if (!this.isRetry && balancer.queued >= maxQueue) this.events.onQueueFull(balancer.queued);
    else {
      this.queuedSince = now();
      balancer.enqueue(this);
    }
  }

  takeAfter(ms: number): void {
    const { deadlines, now } = this.deps;
    const expire = () => {
      this.pause = undefined;
      this.take();
    };
    this.pause = { at: now() + ms, expire };
    deadlines.add(this.pause);
  }

  /** A free slot of another endpoint than the one that is slow, if nobody waits for one. */
  takeBeside(slow: Endpoint): Endpoint | undefined {
    const { balancer } = this.deps;
    if (balancer.queued > 0) return undefined;
    const before = this.tried;
    this.avoid(slow, NEVER);
    const endpoint = balancer.tryAcquire(this);
    if (endpoint === undefined) this.tried = before;
    return endpoint;
  }

  leave(): void {
    const { balancer, deadlines } = this.deps;
    if (this.pause !== undefined) deadlines.delete(this.pause);
    if (balancer.dequeue(this)) this.stopClock();
  }

  private stopClock(): void {
    if (this.queuedSince === undefined) return;
    this.waited += this.deps.now() - this.queuedSince;
    this.queuedSince = undefined;
  }
}
