import { extrasOf, faultOf, type RunCodeResponse, runCodeResponseSchema } from './wire.js';

/** Our own servers mark every infra failure with this header. Its value is the reason. */
export const INFRA_HEADER = 'x-sandboxctl-infra-error';
/** And every SandboxError that is the request's own fault with this one, beside `sandboxctl.fault` in the body. */
export const REQUEST_HEADER = 'x-sandboxctl-request-error';

export type Answer =
  | { status: number; headers: Readonly<Record<string, string | string[] | undefined>>; body: string }
  | { error: string };

/**
 * `program`: the program ran, and may have failed. `infra`: the sandbox failed; a retry elsewhere may work.
 * `request`: no sandbox would run this request.
 */
export type Verdict =
  | { kind: 'program'; response: RunCodeResponse; doubt: Doubt | null }
  | { kind: 'infra'; reason: string }
  | { kind: 'request'; reason: string };

/**
 * A result that may come from a server that is being shut down, and not from the program. It counts once the server
 * has passed a health check that began `afterMs` milliseconds after the answer.
 */
export interface Doubt {
  reason: string;
  afterMs: number;
}

/**
 * SandboxErrors that are the request's fault, of servers that mark nothing (recorded from the real server: bad base64,
 * no runner for `sql`, text that is no Unicode). The message begins with the submitted code, which may hold any words:
 * only its very end is the server's own.
 */
const REQUEST_FAULTS = [
  /: (Incorrect padding|Non-base64 digit found) None$/,
  /: Invalid base64-encoded string: number of data characters \(\d+\) cannot be 1 more than a multiple of 4 None$/,
  /(?<!\[Errno \d+\] [\w ]+): '\w+' None$/,
  /: surrogates not allowed None$/,
  /: embedded null byte None$/,
  /^Object name not found\.$/,
];
/** Characters at the end of a message that are searched: longer than any of the words above. */
const MESSAGE_END = 200;

const MAX_REASON_LENGTH = 300;

export const infraHeader = (reason: string) => ({ [INFRA_HEADER]: headerValue(reason) });
export const requestHeader = (reason: string) => ({ [REQUEST_HEADER]: headerValue(reason) });

function headerValue(reason: string): string {
  return reason.slice(0, MAX_REASON_LENGTH).replace(/[^\x20-\x7e]/g, '?');
}

/** The only code that may read a run's `status`. */
export function judge(answer: Answer): Verdict {
  if ('error' in answer) return { kind: 'infra', reason: answer.error };
  const marked = answer.headers[INFRA_HEADER];
  if (marked !== undefined) return { kind: 'infra', reason: String(marked) };
  const fault = answer.headers[REQUEST_HEADER];
  if (fault !== undefined) return { kind: 'request', reason: `SandboxError: ${fault}` };
  if (answer.status >= 500) return { kind: 'infra', reason: `HTTP ${answer.status}` };
  if (answer.status === 408 || answer.status === 429)
    return { kind: 'infra', reason: `HTTP ${answer.status}` };
  if (answer.status !== 200)
    return { kind: 'request', reason: `HTTP ${answer.status}: ${answer.body.slice(0, MAX_REASON_LENGTH)}` };
  return judgeBody(answer.body);
}

function judgeBody(body: string): Verdict {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'infra', reason: `the answer is not JSON: ${body.slice(0, MAX_REASON_LENGTH)}` };
  }
  const parsed = runCodeResponseSchema.safeParse(value);
  if (!parsed.success) return { kind: 'infra', reason: 'the answer is not one of /run_code' };
  const response = parsed.data;
  if (response.status !== 'SandboxError') return { kind: 'program', response, doubt: doubtIn(response) };
  const own = faultOf(response)?.fault === 'request' || isRequestFault(response.message);
  return {
    kind: own ? 'request' : 'infra',
    reason: `SandboxError: ${response.message.slice(0, MAX_REASON_LENGTH)}`,
  };
}

function isRequestFault(message: string): boolean {
  const end = message.slice(-MESSAGE_END);
  return REQUEST_FAULTS.some((pattern) => pattern.test(end));
}

/** Slurm ends a job's processes with SIGTERM, then SIGKILL: as return codes of Python, and of a shell. */
const ENDED_BY_SIGNAL: readonly (number | null)[] = [-15, -9, 143, 137];
/**
 * Slurm signals all processes of a job at once, but SandboxFusion outlives the programs: uvicorn only looks every
 * 100 ms whether it was signalled. Ten times that, for a busy node.
 */
const SHUTDOWN_MS = 1_000;

function doubtIn({ compile_result, run_result }: RunCodeResponse): Doubt | null {
  for (const result of [compile_result, run_result]) {
    if (result === null || !ENDED_BY_SIGNAL.includes(result.return_code)) continue;
    if (extrasOf(result).killed !== undefined) continue;
    return { reason: `ended by a signal (return code ${result.return_code})`, afterMs: SHUTDOWN_MS };
  }
  return null;
}
