import type { Deadline, Deadlines } from '../deadlines.js';

export interface HedgeOptions {
  deadlines: Deadlines;
  now(): number;
  /** Milliseconds that a server may take by the request's own timeouts. */
  longestMs: number;
  /** When the client must have its response. */
  answerBy: number;
  /** Milliseconds that runs take lately. */
  expectedMs(): number;
  /** When the server last answered a run. */
  lastAnswerAt(): number;
  /** Starts a second try on another server; returns whether one had a free slot. */
  start(): boolean;
}

/** Milliseconds beyond a run's timeouts after which any healthy server has answered. */
const OVERDUE_MS = 500;
/** Milliseconds until a free slot is looked for again. */
const AGAIN_MS = 200;

/**
 * Starts a second try of a request, once, while its client still waits: when its server is overdue, or already at half
 * the client's time if that server has not answered any run since.
 */
export class Hedge implements Deadline {
  at: number;
  private readonly options: HedgeOptions;
  private readonly began: number;

  constructor(options: HedgeOptions) {
    const { deadlines, now, longestMs, answerBy } = options;
    this.options = options;
    this.began = now();
    const half = this.began + (answerBy - this.began) / 2;
    this.at = Math.min(half, this.began + longestMs + OVERDUE_MS);
    deadlines.add(this);
  }

  stop(): void {
    this.options.deadlines.delete(this);
  }

  expire(): void {
    const { deadlines, now, longestMs, answerBy, expectedMs, lastAnswerAt, start } = this.options;
    const overdueAt = this.began + longestMs + OVERDUE_MS;
    if (now() < overdueAt && lastAnswerAt() >= this.began) {
      // It works: this program takes its time.
      this.at = overdueAt;
    } else {
      if (start()) return;
      this.at = now() + AGAIN_MS;
    }
    if (this.at + expectedMs() < answerBy) deadlines.add(this);
  }
}
