import { type DecodeOptions, decodeLargeJson, LARGE_JSON } from './large-json.js';
import { extrasOf, faultOf, type RunCodeResponse, runCodeResponseSchema } from './wire.js';

/** On every infra failure of our own servers; its value is the reason. */
export const INFRA_HEADER = 'x-sandboxctl-infra-error';
/** On every SandboxError that is the request's own fault. */
export const REQUEST_HEADER = 'x-sandboxctl-request-error';

/** On answers that a gateway has verified; its value is the mode, such as `failures`. */
export const VERIFIED_HEADER = 'x-sandboxctl-verified';

export type Answer =
  | { status: number; headers: Readonly<Record<string, string | string[] | undefined>>; body: string }
  | { error: string };

/**
 * `infra`: a retry elsewhere may work. `request`: no sandbox would run it. `load`: the server had no room. `claim`:
 * two healthy servers with the same claim prove that the request is at fault; a `request` has one where a status is all
 * that says so.
 */
export type Verdict =
  | { kind: 'program'; response: RunCodeResponse; doubt: Doubt | null }
  | { kind: 'infra'; reason: string; load?: true; claim?: string }
  | { kind: 'request'; reason: string; claim?: string };

/** A result that may be the server's doing, and not the program's. */
export interface Doubt {
  reason: string;
  /** The doubt ends with a health check that began this long after the result; null: none is needed. */
  afterMs: number | null;
  /** What a second run has to confirm; null: nothing. */
  confirm: 'no output' | 'no interpreter' | 'too slow' | 'too early' | 'failed' | null;
  /** Which of its timeouts has passed, as the server says. */
  timedOut?: 'compile' | 'run';
}

/** Seconds by which two machines may measure one run differently. */
const CLOCK_TOLERANCE_S = 0.1;

/** A timeout reported before the program's limit has passed needs a second server. `seconds`: since it was sent. */
export function withElapsed(
  doubt: Doubt,
  limits: { compileTimeout: number; runTimeout: number },
  seconds: number,
): Doubt {
  if (doubt.timedOut === undefined) return doubt;
  const limit = doubt.timedOut === 'run' ? limits.runTimeout : limits.compileTimeout;
  if (seconds >= limit * 0.98 - CLOCK_TOLERANCE_S) return doubt;
  return {
    ...doubt,
    reason: `${doubt.reason} after ${seconds.toFixed(2)} s of ${limit} s`,
    confirm: 'too early',
  };
}

/**
 * SandboxErrors of the request's fault, recorded from the real server. The message begins with the submitted code, so
 * only its end is searched.
 */
const REQUEST_FAULTS = [
  /: (Incorrect padding|Non-base64 digit found) None$/,
  /: Invalid base64-encoded string: number of data characters \(\d+\) cannot be 1 more than a multiple of 4 None$/,
  /(?<!\[Errno \d+\] [\w ]+): '\w+' None$/,
  /: surrogates not allowed None$/,
  /: embedded null byte None$/,
  /^Object name not found\.$/,
];
const MESSAGE_END = 200;

const MAX_REASON_LENGTH = 300;

export const infraHeader = (reason: string) => ({ [INFRA_HEADER]: headerValue(reason) });
export const requestHeader = (reason: string) => ({ [REQUEST_HEADER]: headerValue(reason) });

function headerValue(reason: string): string {
  return reason.slice(0, MAX_REASON_LENGTH).replace(/[^\x20-\x7e]/g, '?');
}

/** Only this and `judgeInSlices` read a run's `status`. */
export function judge(answer: Answer): Verdict {
  if ('error' in answer) return { kind: 'infra', reason: answer.error };
  const verdict = judgeStatus(answer);
  if (verdict !== undefined) return verdict;
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return notJson(`${answer.body.length} characters`);
  }
  return judgeValue(value);
}

/** The same for an answer of any length: pauses between slices. */
export async function judgeInSlices(
  { status, headers, body }: { status: number; headers: Headers; body: Buffer },
  options: DecodeOptions,
): Promise<Verdict> {
  const start = body.toString('utf8', 0, MAX_REASON_LENGTH);
  if (body.length <= LARGE_JSON) return judge({ status, headers, body: body.toString('utf8') });
  const verdict = judgeStatus({ status, headers, body: start });
  if (verdict !== undefined) return verdict;
  const decoded = await decodeLargeJson(body, options);
  return decoded.ok ? judgeValue(decoded.value) : notJson(`${decoded.message}, ${body.length} bytes`);
}

type Headers = Exclude<Answer, { error: string }>['headers'];

const notJson = (words: string): Verdict => ({
  kind: 'infra',
  reason: `the answer is not JSON (${words})`,
});

/** By status and marks; undefined if the body must be judged. */
export function judgeStatus({
  status,
  headers,
  body,
}: Exclude<Answer, { error: string }>): Verdict | undefined {
  const marked = headers[INFRA_HEADER];
  if (marked !== undefined) {
    return { kind: 'infra', reason: String(marked), ...(status === 504 && { load: true }) };
  }
  const fault = headers[REQUEST_HEADER];
  if (fault !== undefined && status < 300) return { kind: 'request', reason: `SandboxError: ${fault}` };
  const reason = `HTTP ${status}`;
  // uvicorn answers 503 beyond its limit of connections.
  if (status === 429 || status === 503) return { kind: 'infra', reason, load: true };
  // An exception that no handler caught: the only 5xx that a request can cause.
  if (status === 500) return { kind: 'infra', reason, claim: `${reason} ${claimOf(body)}` };
  if (status === 200) return undefined;
  // No server of this API redirects a run: a client that followed could be sent anywhere.
  if (status >= 500 || status === 408 || status < 400) return { kind: 'infra', reason };
  const claim = `${reason} ${claimOf(body)}`;
  return { kind: 'request', reason: `${reason}: ${body.slice(0, MAX_REASON_LENGTH)}`, claim };
}

export function judgeValue(value: unknown): Verdict {
  const parsed = runCodeResponseSchema.safeParse(value);
  if (!parsed.success) return { kind: 'infra', reason: 'the answer is not one of /run_code' };
  const response = parsed.data;
  if (response.status !== 'SandboxError') {
    const result = response.run_result ?? response.compile_result;
    if (result !== null) return { kind: 'program', response, doubt: doubtIn(response, result) };
    return { kind: 'infra', reason: 'the answer is not one of /run_code: it has no result' };
  }
  const reason = `SandboxError: ${withoutCode(response.message).slice(0, MAX_REASON_LENGTH)}`;
  if (faultOf(response)?.fault === 'request' || isRequestFault(response.message))
    return { kind: 'request', reason };
  return { kind: 'infra', reason, claim: claimOf(response.message) };
}

/** SandboxFusion's form is `exception on running code CODE: ERROR`; the code is not for logs. */
function withoutCode(message: string): string {
  if (!message.startsWith('exception on running code ')) return message;
  const at = message.lastIndexOf(': ');
  return `exception on running code: ${at < 0 ? '' : message.slice(at + 2)}`;
}

/** Parts that differ between two runs of one program. */
const RANDOM_PARTS = /(?<=\/tmp\/)[\w-]+|0x[\da-f]+|[\da-f]{8}-[\da-f-]{27}/gi;

function claimOf(words: string): string {
  return words.slice(-MAX_REASON_LENGTH).replace(RANDOM_PARTS, '*');
}

function isRequestFault(message: string): boolean {
  const end = message.slice(-MESSAGE_END);
  return REQUEST_FAULTS.some((pattern) => pattern.test(end));
}

/** Slurm ends a job's processes with SIGTERM, then SIGKILL: as return codes of Python, and of a shell. */
const ENDED_BY_SIGNAL: readonly (number | null)[] = [-15, -9, 143, 137];
/** Ten times uvicorn's 100 ms: how much longer SandboxFusion lives than its programs when Slurm ends the job. */
const SHUTDOWN_MS = 1_000;

/** Of the real server's shell, if the interpreter or compiler is missing. */
const NO_INTERPRETER = /^\/bin\/(ba)?sh: (line )?1: \S+: (command )?not found\s*$/;

function doubtIn(
  { status, run_result }: RunCodeResponse,
  result: NonNullable<RunCodeResponse['run_result']>,
): Doubt | null {
  if (status === 'Success') {
    if ((run_result?.stdout ?? '') !== '') return null;
    return { reason: 'the program printed nothing', afterMs: 0, confirm: 'no output' };
  }
  if (result.status === 'TimeLimitExceeded') {
    const isCertain = extrasOf(result).cpu_seconds !== undefined;
    const timedOut = run_result === null ? 'compile' : 'run';
    return { reason: 'the program timed out', afterMs: 0, confirm: isCertain ? null : 'too slow', timedOut };
  }
  const code = `return code ${result.return_code}`;
  if (ENDED_BY_SIGNAL.includes(result.return_code) && extrasOf(result).killed === undefined)
    return { reason: `ended by a signal (${code})`, afterMs: SHUTDOWN_MS, confirm: null };
  const missing = result.return_code === 127 && NO_INTERPRETER.test(result.stderr ?? '');
  return { reason: `the program failed (${code})`, afterMs: 0, confirm: missing ? 'no interpreter' : null };
}
