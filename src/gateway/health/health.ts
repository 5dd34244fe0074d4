/** `new` is not proven yet, `out` was ejected; both get a run only where there is nothing better. */
export type HealthState = 'new' | 'in' | 'out';

export interface Ejection {
  /** Milliseconds, by the clock that was handed in. */
  at: number;
  reason: string;
}

/** Failures in a row, of canaries and of real runs, until an endpoint leaves rotation: one alone says little. */
const MISSES = 3;
/** Good answers in a row until one that was ejected comes back. */
const PROOFS = 2;
/** An endpoint stays out for so long at least, and twice as long each time that it is ejected again. */
const FIRST_HOLD_MS = 500;
const LONGEST_HOLD_MS = 60_000;
/** In rotation for so long, one ejection is forgiven. */
const FORGIVEN_MS = 60_000;
const KEPT_EJECTIONS = 5;

/** Whether one endpoint is in rotation, by what its canaries and real runs show. Pure: times are handed in. */
export class Health {
  state: HealthState = 'new';
  /** Failures in a row. */
  failures = 0;
  /** The last ones, latest first. */
  readonly ejections: Ejection[] = [];
  private proofs = 0;
  private strikes = 0;
  private since = 0;

  /** Something worked. Whether the state changed. */
  good(now: number): boolean {
    this.failures = 0;
    this.proofs += 1;
    if (this.state === 'in') {
      if (this.strikes > 0 && now - this.since > FORGIVEN_MS) {
        this.strikes -= 1;
        this.since = now;
      }
      return false;
    }
    if (this.state === 'out' && (this.proofs < PROOFS || now - this.since < this.hold)) return false;
    this.state = 'in';
    this.since = now;
    return true;
  }

  /** The sandbox failed: never a program. Whether the state changed. */
  bad(now: number, reason: string): boolean {
    this.failures += 1;
    this.proofs = 0;
    if (this.state !== 'in' || this.failures < MISSES) return false;
    this.state = 'out';
    this.since = now;
    this.strikes += 1;
    this.ejections.unshift({ at: now, reason });
    this.ejections.length = Math.min(this.ejections.length, KEPT_EJECTIONS);
    return true;
  }

  private get hold(): number {
    return Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** (this.strikes - 1));
  }
}
