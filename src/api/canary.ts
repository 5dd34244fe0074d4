import type { Verdict } from './verdict.js';
import type { RunCodeRequest } from './wire.js';

/** The variable by which a job hands its nonce to its server and so to the canary. */
export const NONCE_VARIABLE = 'SANDBOXCTL_JOB_NONCE';

/** Seconds that a canary may run; a server that needs longer for one print is not healthy. */
export const CANARY_TIMEOUT_S = 10;

/**
 * The only proof that a server is healthy, and ours: it prints `RANDOM:NONCE`. The nonce is read from
 * the environment and never stands in the code, since a SandboxError echoes the code.
 */
export function canaryRequest(random: string): RunCodeRequest {
  return {
    code: `import os\nprint("${random}:" + os.environ.get("${NONCE_VARIABLE}", ""))`,
    language: 'python',
    compile_timeout: CANARY_TIMEOUT_S,
    run_timeout: CANARY_TIMEOUT_S,
  };
}

/** `foreign`: another job's server answered. `silent`: one took the connection, and did not answer in time. */
export type CanaryResult = { ok: true } | { ok: false; reason: string; foreign?: true; silent?: true };

/** `nonce` null: a bare URL, of which only RANDOM is judged. */
export function judgeCanary(random: string, nonce: string | null, verdict: Verdict): CanaryResult {
  if (verdict.kind !== 'program') return { ok: false, reason: verdict.reason };
  const printed = verdict.response.run_result?.stdout ?? '';
  const [echoed, ...rest] = printed.trimEnd().split(':');
  if (echoed !== random) {
    const complaint = (verdict.response.run_result?.stderr ?? '').trim().split('\n').at(-1) ?? '';
    const why = complaint === '' ? '' : `: ${complaint.slice(0, 200)}`;
    return { ok: false, reason: `the canary printed ${JSON.stringify(printed.slice(0, 80))}${why}` };
  }
  if (nonce !== null && rest.join(':') !== nonce)
    return { ok: false, foreign: true, reason: 'another server answers there' };
  return { ok: true };
}
