import type { Verdict } from './verdict.js';
import type { RunCodeRequest } from './wire.js';

/** The variable by which a job passes its nonce to its server, and so to the canary. */
export const NONCE_VARIABLE = 'SANDBOXCTL_JOB_NONCE';

/** Seconds; a server that needs longer for one `print` is not healthy. */
export const CANARY_TIMEOUT_S = 10;

/**
 * The health check: a server that prints `RANDOM:NONCE` works, and is ours. The nonce comes from the environment and
 * is never part of the code, since a SandboxError echoes the code.
 */
export function canaryRequest(random: string): RunCodeRequest {
  return {
    code: `import os\nprint("${random}:" + os.environ.get("${NONCE_VARIABLE}", ""))`,
    language: 'python',
    compile_timeout: CANARY_TIMEOUT_S,
    run_timeout: CANARY_TIMEOUT_S,
  };
}

/** `foreign`: another job's server answered. `silent`: the server took the connection but did not answer in time. */
export type CanaryResult = { ok: true } | { ok: false; reason: string; foreign?: true; silent?: true };

/** `nonce` null: a bare URL, for which only RANDOM is checked. */
export function judgeCanary(random: string, nonce: string | null, verdict: Verdict): CanaryResult {
  if (verdict.kind !== 'program') return { ok: false, reason: verdict.reason };
  const printed = verdict.response.run_result?.stdout ?? '';
  const [echoed, ...rest] = printed.trimEnd().split(':');
  if (echoed !== random) {
    const lastError = (verdict.response.run_result?.stderr ?? '').trim().split('\n').at(-1) ?? '';
    const detail = lastError === '' ? '' : `: ${lastError.slice(0, 200)}`;
    return { ok: false, reason: `the canary printed ${JSON.stringify(printed.slice(0, 80))}${detail}` };
  }
  if (nonce !== null && rest.join(':') !== nonce)
    return { ok: false, foreign: true, reason: 'another server answers there' };
  return { ok: true };
}
