import { after } from '../node.js';

/** Time as one process of a gateway sees it, in milliseconds. */
export interface Clock {
  now(): number;
  /** The function returned cancels it. */
  after(ms: number, act: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = { now: () => performance.now(), after };
