/** verl gives up after three answers of 504, each after ten seconds and the program's own timeouts. */
const OUTAGE_AFTER_MS = 10_000;

/** Reports an outage once no endpoint has been in rotation for a while, and its end. */
export class OutageWatch {
  count = 0;
  private served = false;
  private timer: NodeJS.Timeout | undefined;
  private active = false;
  private readonly notify: (begins: boolean) => void;

  constructor(notify: (begins: boolean) => void) {
    this.notify = notify;
  }

  /** A gateway that never had an endpoint in rotation is starting, which is no outage. */
  update(inRotation: number): void {
    if (inRotation > 0) {
      this.served = true;
      this.stop();
      if (this.active) this.notify(false);
      this.active = false;
    } else if (this.served && !this.active) {
      this.timer ??= setTimeout(() => this.begin(), OUTAGE_AFTER_MS);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private begin(): void {
    this.timer = undefined;
    this.active = true;
    this.count += 1;
    this.notify(true);
  }
}
