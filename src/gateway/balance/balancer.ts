import { type Backend, lessBad, lessBusy, room } from './backend.js';
import { Heap } from './heap.js';
import { type Waiter, Waiting } from './waiting.js';

/** A request that needs a slot on some endpoint. */
export interface Asking<B> extends Waiter {
  /** Endpoints that failed it, each with its `proofs` at that time. */
  tried: ReadonlyMap<B, number>;
  /** Called once when a slot is its own, after it had to wait. */
  granted(backend: B): void;
}

/**
 * Who gets which slot. Pure: no clock, no input or output. The fewest runs under way against the
 * endpoint's own limit win, and no endpoint gets more than its limit; who finds none waits in turn.
 */
export class Balancer<B extends Backend> {
  private readonly good = new Heap<B>(lessBusy);
  private readonly bad = new Heap<B>(lessBad);
  private readonly members = new Set<B>();
  private readonly waiting = new Waiting<Asking<B>>();
  private turns = 0;

  get queued(): number {
    return this.waiting.size;
  }

  /** A slot at once, where one is free and nobody waits for it. */
  take(asking: Asking<B>): B | undefined {
    const backend = this.choose(asking);
    if (backend !== undefined) this.occupy(backend);
    return backend;
  }

  wait(asking: Asking<B>): void {
    this.waiting.add(asking);
  }

  /** Whether it still waited. */
  giveUp(asking: Asking<B>): boolean {
    return this.waiting.remove(asking);
  }

  /** Gives a slot back. */
  release(backend: B): void {
    backend.inFlight -= 1;
    this.moved(backend);
    this.serve();
  }

  add(backend: B): void {
    this.members.add(backend);
    this.place(backend);
    this.serve();
  }

  /** It gets no more runs; those under way there may end. */
  remove(backend: B): void {
    this.members.delete(backend);
    this.displace(backend);
    // Was it the last in rotation, then those that waited for it may go to one that is out.
    this.serve();
  }

  /** Changes what the choice depends on. */
  change(backend: B, what: Partial<Pick<Backend, 'limit' | 'good' | 'failures' | 'proofs'>>): void {
    this.displace(backend);
    Object.assign(backend, what);
    if (this.members.has(backend)) this.place(backend);
    this.serve();
  }

  /** Each goes where nobody failed it yet, in rotation if at all; then where it is proven that things changed. */
  private choose({ tried }: Asking<B>): B | undefined {
    if (tried.size === 0) return withRoom(this.good.first(any) ?? this.bad.first(any));
    const untried = (backend: B) => !tried.has(backend);
    const proven = (backend: B) => backend.proofs > (tried.get(backend) ?? 0);
    return withRoom(
      this.good.first(untried) ??
        this.bad.first(untried) ??
        this.good.first(proven) ??
        this.bad.first(proven),
    );
  }

  /** Lets those who wait go, as long as one of them finds a slot. */
  private serve(): void {
    while (this.waiting.size > 0 && this.hasRoom()) {
      let backend: B | undefined;
      const asking = this.waiting.take((each) => {
        backend = this.choose(each);
        return backend !== undefined;
      });
      if (asking === undefined || backend === undefined) return;
      this.occupy(backend);
      asking.granted(backend);
    }
  }

  private hasRoom(): boolean {
    return [this.good, this.bad].some((heap) => withRoom(heap.first(any)) !== undefined);
  }

  private occupy(backend: B): void {
    backend.inFlight += 1;
    this.turns += 1;
    backend.turn = this.turns;
    this.moved(backend);
  }

  private moved(backend: B): void {
    if (backend.place >= 0) this.heapOf(backend).moved(backend);
  }

  private place(backend: B): void {
    // Without a share of it there is nothing to choose.
    if (backend.limit > 0) this.heapOf(backend).add(backend);
  }

  private displace(backend: B): void {
    if (backend.place >= 0) this.heapOf(backend).remove(backend);
  }

  private heapOf(backend: B): Heap<B> {
    return backend.good ? this.good : this.bad;
  }
}

const any = () => true;

/** The first of a heap has the most room: where it has none, no other has. */
function withRoom<B extends Backend>(backend: B | undefined): B | undefined {
  return backend !== undefined && room(backend) > 0 ? backend : undefined;
}
