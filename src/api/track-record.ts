import type { Doubt } from './verdict.js';

/** A streak of failures that is less likely than this by chance stands out. */
const CHANCE = 0.011;
const MIN_STREAK = 3;
/** The share of failures that any server may have. */
const LEAST_SHARE = 0.1;
/** Programs of others that are too few to compare with. */
const MIN_PEERS = 4;
/** Programs by which the counts are halved, so that they follow the latest. */
const WINDOW = 100;
/** Failures that others must confirm once one was contradicted; doubles each time, up to the second. */
const DISTRUSTED = 3;
const MAX_DISTRUSTED = 48;

export interface Counted {
  programs: number;
  failures: number;
}

/**
 * How the programs of users end on one server. One that passes its health checks and fails everything else is found out
 * by others that run what it fails.
 */
export class TrackRecord implements Counted {
  programs = 0;
  failures = 0;
  /** Programs in a row that it failed and another one ran. */
  contradictions = 0;
  private isProven = false;
  private streak = 0;
  private toConfirm = 0;
  private penalty = DISTRUSTED;

  add(doubt: Doubt | null): void {
    if (doubt !== null && !isFailure(doubt)) return;
    if (this.programs >= WINDOW) {
      this.programs /= 2;
      this.failures /= 2;
    }
    this.programs += 1;
    this.failures += doubt === null ? 0 : 1;
    this.streak = doubt === null ? 0 : this.streak + 1;
    this.isProven ||= doubt === null;
    if (doubt === null) this.contradictions = 0;
  }

  /** Whether its latest failure should be confirmed by another server: always, until it has run one program. */
  standsOut(peers: Counted): boolean {
    if (!this.isProven || this.toConfirm > 0) return true;
    if (this.streak < MIN_STREAK || peers.programs < MIN_PEERS) return false;
    return Math.max(LEAST_SHARE, peers.failures / peers.programs) ** this.streak < CHANCE;
  }

  /** Another server failed on the same program. */
  confirmed(): void {
    this.streak = 0;
    this.contradictions = 0;
    this.isProven = true;
    this.toConfirm = Math.max(0, this.toConfirm - 1);
  }

  /** Another server ran the same program. */
  contradicted(): void {
    this.contradictions += 1;
    this.toConfirm = this.penalty;
    this.penalty = Math.min(2 * this.penalty, MAX_DISTRUSTED);
  }
}

/** Whether the program has failed, as far as its server says. */
export function isFailure({ afterMs, confirm }: Pick<Doubt, 'afterMs' | 'confirm'>): boolean {
  return afterMs !== null && confirm !== 'no output';
}
