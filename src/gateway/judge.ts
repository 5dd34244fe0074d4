import { type Doubt, INFRA_HEADER, judge, type Verdict } from '../api/verdict.js';
import type { TryEnd } from './metrics/stats.js';
import type { Cause } from './types.js';
import type { Result } from './upstream/pool.js';

/**
 * What a try showed. `infra`: the sandbox failed, and another endpoint may do. With a doubt it is not known yet
 * whether it did.
 */
export type Judged =
  | { end: Exclude<TryEnd, 'infra'>; doubt: Doubt | null }
  | { end: 'infra'; reason: string; cause: Cause };

/** Of `/run_code` the answer counts, of all other routes only that there is one. */
export function judged(result: Result, isRun: boolean): Judged {
  if ('error' in result) return { end: 'infra', reason: result.error, cause: result.cause };
  if (!isRun) return { end: 'other', doubt: null };
  const verdict = verdictOn(result);
  if (verdict.kind !== 'infra') {
    return { end: verdict.kind, doubt: verdict.kind === 'program' ? verdict.doubt : null };
  }
  return { end: 'infra', reason: verdict.reason, cause: causeOf(result.status, verdict.reason) };
}

/** The only place where an answer's body becomes text. */
export function verdictOn(result: Result): Verdict {
  if ('error' in result) return judge({ error: result.error });
  const { status, headers, body } = result;
  const mark = headers.findIndex((name, at) => at % 2 === 0 && name.toLowerCase() === INFRA_HEADER);
  return judge({
    status,
    headers: mark < 0 ? {} : { [INFRA_HEADER]: headers[mark + 1] },
    body: body.toString('utf8'),
  });
}

function causeOf(status: number, reason: string): Cause {
  if (status !== 200) return 'status';
  return reason.startsWith('the answer is not') ? 'broken' : 'sandbox_error';
}
