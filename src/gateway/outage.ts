/**
 * Without any endpoint for so long, it is an outage. verl gives up after three answers of 504, each after
 * ten seconds and the program's own time-outs. Milliseconds.
 */
const BEGINS_AFTER_MS = 10_000;

/** Tells when no endpoint has been in rotation for a while, once, and when one is again. */
export class OutageWatch {
  /** Outages so far. */
  count = 0;
  private served = false;
  private timer: NodeJS.Timeout | undefined;
  private began = false;
  private readonly tell: (begins: boolean) => void;

  constructor(tell: (begins: boolean) => void) {
    this.tell = tell;
  }

  /** How many endpoints are in rotation now. Before the first one there is no outage, but a beginning. */
  see(inRotation: number): void {
    if (inRotation > 0) {
      this.served = true;
      this.stop();
      if (this.began) this.tell(false);
      this.began = false;
    } else if (this.served && !this.began) {
      this.timer ??= setTimeout(() => this.begin(), BEGINS_AFTER_MS);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private begin(): void {
    this.timer = undefined;
    this.began = true;
    this.count += 1;
    this.tell(true);
  }
}
