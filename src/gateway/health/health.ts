/** `new`: not checked yet. `out`: ejected. Both are only used when no endpoint is in rotation. */
export type HealthState = 'new' | 'in' | 'out';

export interface Ejection {
  at: number;
  reason: string;
}

/** `check`: a health check, which proves what it shows. `run`: a user's program, which is only a sign. */
export type Evidence = 'check' | 'run';

/** Failed runs or late health checks in a row: a single one says little. */
const FAILURES_TO_EJECT = 3;

const SUCCESSES_TO_RETURN = 2;
/** The minimum time out of rotation doubles with each strike. */
const MIN_EJECTION_MS = 500;
const MAX_EJECTION_MS = 60_000;
/** Time in rotation that clears one strike. */
const STRIKE_EXPIRY_MS = 60_000;
const KEPT_EJECTIONS = 5;

/** Decides whether one endpoint is in rotation. Pure: the caller passes the time. */
export class Health {
  state: HealthState = 'new';
  failures = 0;
  /** It should have left rotation, but too many others would have left with it. */
  suspect = false;
  readonly ejections: Ejection[] = [];
  private successes = 0;
  private strikes = 0;
  private since = 0;

  /** Only health checks bring an ejected endpoint back. Returns whether it came into rotation. */
  recordSuccess(now: number, evidence: Evidence = 'check'): boolean {
    this.suspect = false;
    this.failures = 0;
    if (this.state === 'out' && evidence === 'run') return false;
    this.successes += 1;
    if (this.state === 'in') {
      if (this.strikes > 0 && now - this.since > STRIKE_EXPIRY_MS) {
        this.strikes -= 1;
        this.since = now;
      }
      return false;
    }
    if (this.state === 'out' && (this.successes < SUCCESSES_TO_RETURN || now - this.since < this.ejectionMs))
      return false;
    this.state = 'in';
    this.since = now;
    return true;
  }

  /** `decisive`: one failure is enough. `mayLeave` is asked before an ejection. Returns whether it was ejected. */
  recordFailure(now: number, reason: string, decisive = false, mayLeave = () => true): boolean {
    this.failures += 1;
    this.successes = 0;
    if (this.state !== 'in' || (!decisive && this.failures < FAILURES_TO_EJECT)) return false;
    if (!mayLeave()) {
      this.suspect = true;
      return false;
    }
    this.state = 'out';
    this.since = now;
    this.strikes += 1;
    this.ejections.unshift({ at: now, reason });
    this.ejections.length = Math.min(this.ejections.length, KEPT_EJECTIONS);
    return true;
  }

  readmit(now: number): void {
    this.state = 'in';
    this.since = now;
    this.strikes -= 1;
    this.suspect = true;
  }

  private get ejectionMs(): number {
    return Math.min(MAX_EJECTION_MS, MIN_EJECTION_MS * 2 ** (this.strikes - 1));
  }
}
