import { LARGE_JSON } from '../api/large-json.js';
import { judgeSubmission, type SubmissionVerdict } from '../api/submission.js';
import {
  type Doubt,
  INFRA_HEADER,
  judge,
  judgeInSlices,
  REQUEST_HEADER,
  type Verdict,
  withElapsed,
} from '../api/verdict.js';
import { nextTurn } from '../http/write.js';
import type { TryEnd } from './metrics/stats.js';
import type { Cause } from './types.js';
import type { Result } from './upstream/pool.js';

/** `infra`: the sandbox failed, so a retry elsewhere may work. With a doubt the result is not yet known. */
export type AttemptResult =
  | { end: Exclude<TryEnd, 'infra'>; doubt: Doubt | null }
  | { end: 'infra'; reason: string; cause: Cause; claim?: string | undefined };

/** What was asked, `seconds` ago. `limits` null: no server takes it. */
export interface Asked {
  isRun: boolean;
  isSubmission: boolean;
  limits: RunLimits | null;
  seconds: number;
}

/** Seconds. */
export interface RunLimits {
  compileTimeout: number;
  runTimeout: number;
}

/**
 * Any response counts as success on other routes than those of runs. Only long ones are judged in slices: a promise for
 * each would cost more than its judgement.
 */
export function judgeAttempt(result: Result, asked: Asked): AttemptResult | Promise<AttemptResult> {
  if ('error' in result) return { end: 'infra', reason: result.error, cause: result.cause };
  if (!asked.isRun) return { end: 'other', doubt: null };
  const { status, headers, body } = result;
  if (asked.isSubmission)
    return judgeSubmission({ status, headers: marksOf(headers), body }, nextTurn).then((verdict) =>
      attemptResult(result, verdict, asked),
    );
  if (body.length <= LARGE_JSON) return attemptResult(result, verdictOf(result), asked);
  const answer = { status, headers: marksOf(headers), body };
  return judgeInSlices(answer, { pause: nextTurn, excerpts: true }).then((verdict) =>
    attemptResult(result, verdict, asked),
  );
}

function attemptResult(
  result: Result,
  verdict: SubmissionVerdict,
  { limits, seconds }: Asked,
): AttemptResult {
  if (verdict.kind === 'program') {
    const { doubt } = verdict;
    return { end: 'program', doubt: doubt && limits ? withElapsed(doubt, limits, seconds) : doubt };
  }
  // That a request is malformed is believed at once where it is.
  if (verdict.kind === 'request' && (verdict.claim === undefined || limits === null))
    return { end: 'request', doubt: null };
  return { end: 'infra', reason: verdict.reason, cause: causeOf(result, verdict), claim: verdict.claim };
}

/** Decodes the body, which is expensive: call it once per response. */
export function verdictOf(result: Result): Verdict {
  if ('error' in result) return judge({ error: result.error });
  const { status, headers, body } = result;
  return judge({ status, headers: marksOf(headers), body: body.toString('utf8') });
}

const MARKS = new Set([INFRA_HEADER, REQUEST_HEADER]);

function marksOf(headers: readonly string[]): Record<string, string | undefined> {
  const marks: Record<string, string | undefined> = {};
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = (headers[at] as string).toLowerCase();
    if (MARKS.has(name)) marks[name] = headers[at + 1];
  }
  return marks;
}

export function causeOf(result: Result, verdict: SubmissionVerdict): Cause {
  if ('error' in result) return result.cause;
  if (verdict.kind === 'infra' && verdict.load) return 'load';
  if (result.status !== 200) return 'status';
  return verdict.kind === 'infra' && verdict.reason.startsWith('the answer is not')
    ? 'broken'
    : 'sandbox_error';
}
