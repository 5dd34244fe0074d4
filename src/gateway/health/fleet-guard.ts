/** Longer than the usual interval between health checks, so that a common cause shows on all servers within it. */
const WINDOW_MS = 10_000;

/** If more than half of a fleet would leave within one window, it is hardly the servers: none leaves. Pure. */
export class FleetGuard<E> {
  private readonly leavingAt = new Map<E, number>();

  get leaving(): readonly E[] {
    return [...this.leavingAt.keys()];
  }

  /** Whether an endpoint may leave a fleet of `size`. */
  mayLeave(endpoint: E, size: number, now: number): boolean {
    this.leavingAt.set(endpoint, now);
    for (const [each, at] of this.leavingAt) if (now - at > WINDOW_MS) this.leavingAt.delete(each);
    return this.leavingAt.size * 2 <= size;
  }

  forget(endpoint: E): void {
    this.leavingAt.delete(endpoint);
  }
}
