import { isObject } from '../text/json-object.js';
import { longestRunSeconds } from './client-timeout.js';
import { decodeLargeJson, LARGE_JSON, type Pause } from './large-json.js';
import { parseRequest } from './request.js';
import { type Doubt, judgeStatus, judgeValue, type Verdict } from './verdict.js';

/** Tests of one submission that run at a time, by SandboxFusion's default. */
const AT_ONCE = 3;
/** Seconds, where the submission does not say: of SandboxFusion's judge. */
const RUN_TIMEOUT = 20;

/** Seconds that a submission with tests of its own may take; undefined for other bodies of `/submit`. */
export function submissionSeconds(body: unknown): number | undefined {
  if (!isObject(body) || !isObject(body.config)) return undefined;
  const { dataset_type: type, provided_data: data, language, compile_timeout, run_timeout } = body.config;
  if (type !== 'CommonOJDataset' || !isObject(data)) return undefined;
  const times = { run_timeout: run_timeout || RUN_TIMEOUT, ...(compile_timeout ? { compile_timeout } : {}) };
  const parsed = parseRequest(Buffer.from(JSON.stringify({ code: '', language, ...times })), undefined);
  if (!parsed.ok) return undefined;
  const tests = Array.isArray(data.test) ? data.test.length : 1;
  return longestRunSeconds(parsed.request) * Math.ceil(tests / AT_ONCE);
}

/** The body of a `/submit` of any length, or undefined if it is no JSON. */
export async function decodedBody(body: Buffer, pause: Pause): Promise<unknown> {
  if (body.length > LARGE_JSON) {
    const decoded = await decodeLargeJson(body, { pause });
    return decoded.ok ? decoded.value : undefined;
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

export type SubmissionVerdict =
  | { kind: 'program'; doubt: Doubt | null }
  | Exclude<Verdict, { kind: 'program' }>;

/** What an answer of `/submit` means: a test that failed is in doubt as its run would be by itself. */
export async function judgeSubmission(
  answer: { status: number; headers: Parameters<typeof judgeStatus>[0]['headers']; body: Buffer },
  pause: Pause,
): Promise<SubmissionVerdict> {
  const { status, headers, body } = answer;
  const verdict = judgeStatus({ status, headers, body: body.toString('utf8', 0, 300) });
  if (verdict !== undefined) return verdict;
  const value = await decodedBody(body, pause);
  if (!isObject(value) || typeof value.accepted !== 'boolean' || !Array.isArray(value.tests))
    return { kind: 'infra', reason: 'the answer is not one of /submit' };
  if (value.accepted) return { kind: 'program', doubt: null };
  let doubt: Doubt = { reason: 'the submission failed', afterMs: 0, confirm: null };
  for (const test of value.tests) {
    if (!isObject(test) || test.passed === true) continue;
    const run = judgeValue(test.exec_info);
    if (run.kind !== 'program') return run;
    const { reason, afterMs, confirm } = run.doubt ?? doubt;
    doubt = {
      reason,
      afterMs: Math.max(doubt.afterMs ?? 0, afterMs ?? 0),
      confirm: doubt.confirm ?? confirm,
    };
  }
  return { kind: 'program', doubt };
}
