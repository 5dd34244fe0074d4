import type { RunRequest } from './request.js';

/** Seconds that clients wait beyond the timeouts that they send: verl 10 beyond both, Reasoning360's client 2 beyond the run's. */
const SLACK_S = { both: 10, run: 2 };
/** Seconds for the response to travel to the client. */
export const RESPONSE_MARGIN_S = 0.25;

type Times = Pick<RunRequest, 'compileTimeout' | 'runTimeout' | 'hasCompileTimeout'>;

/**
 * Guesses from a request how many seconds its client waits for the response. The SandboxFusion SDK waits for ever:
 * like verl it sends a compile timeout, but verl accepts JSON only.
 */
export function clientTimeoutSeconds(
  { compileTimeout, runTimeout, hasCompileTimeout }: Times,
  accept?: string,
): number {
  if (!hasCompileTimeout) return runTimeout + SLACK_S.run;
  if (accept === '*/*') return Number.POSITIVE_INFINITY;
  return compileTimeout + runTimeout + SLACK_S.both;
}
