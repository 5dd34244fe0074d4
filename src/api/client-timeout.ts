import type { RunRequest } from './request.js';

/** Seconds that a client waits beyond the time-outs that it sends: verl 10 beyond both, Reasoning360's client 2 beyond the run's. */
const SLACK_S = { both: 10, run: 2 };
/** Seconds for the way of the answer. */
export const MARGIN_S = 0.25;

type Times = Pick<RunRequest, 'compileTimeout' | 'runTimeout' | 'namesCompileTimeout'>;

/**
 * Seconds that the caller of a run waits for its answer, by what it sends. The SDK waits for ever: its
 * request names a compile time-out as verl's does, but verl says that it accepts JSON.
 */
export function callerWaits(
  { compileTimeout, runTimeout, namesCompileTimeout }: Times,
  accept?: string,
): number {
  if (!namesCompileTimeout) return runTimeout + SLACK_S.run;
  if (accept === '*/*') return Number.POSITIVE_INFINITY;
  return compileTimeout + runTimeout + SLACK_S.both;
}
