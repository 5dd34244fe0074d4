import type { Verdict } from './verdict.js';
import type { RunCodeRequest } from './wire.js';

/** The variable by which a job passes its nonce to its server, and so to the canary. */
export const NONCE_VARIABLE = 'SANDBOXCTL_JOB_NONCE';

/** Seconds; a server that needs longer for a few lines of Python is not healthy. */
export const CANARY_TIMEOUT_S = 10;

/** Neither 0 nor 1: a server that reports every program as good, or every one as failed, is found out too. */
const EXIT_CODE = 7;
const STDERR = 'canary';

/**
 * Uses what programs use: stdin, stdout, stderr and an exit code. The nonce comes from the environment and is never
 * part of the code, since a SandboxError echoes the code.
 */
const codeThatPrints = (text: string): string => `import os, sys
print(${text})
print("${STDERR}", file=sys.stderr)
sys.exit(${EXIT_CODE})`;
const ECHO = 'sys.stdin.read().strip()';
const NONCE = `os.environ.get("${NONCE_VARIABLE}", "")`;
const CODE = codeThatPrints(`${ECHO} + ":" + ${NONCE}`);
const HEALTH_CODE = codeThatPrints(ECHO);

/** Of the version before: its gateways and the scripts of its jobs may still send it. */
const CODE_OF_BEFORE = /^import os\nprint\("\w+:" \+ (os\.environ\.get\("\w+", ""\))\)$/;

/** The health check: a server that prints `RANDOM:NONCE` and ends as it should works, and is ours. */
export function canaryRequest(random: string): RunCodeRequest {
  return requestOf(CODE, random);
}

/** The health check of a server that proves by its secret whose it is (`identity`): it prints RANDOM. */
export function healthRequest(random: string): RunCodeRequest {
  return requestOf(HEALTH_CODE, random);
}

function requestOf(code: string, random: string): RunCodeRequest {
  return {
    code,
    language: 'python',
    stdin: random,
    compile_timeout: CANARY_TIMEOUT_S,
    run_timeout: CANARY_TIMEOUT_S,
  };
}

/** Whether a request is a health check, whoever sends it: a server runs it beside its other runs. */
export function isCanary({ code, language }: Pick<RunCodeRequest, 'code' | 'language'>): boolean {
  return (code === CODE || code === HEALTH_CODE) && language === 'python';
}

/**
 * The code of a health check as a server runs it whose job's script is of the version before, and judges it by the
 * nonce: that stands in the code then, since no program's environment has it. Any other code is returned as it is.
 */
export function withNonce(code: string, nonce: string): string {
  const reading = code === CODE ? NONCE : CODE_OF_BEFORE.exec(code)?.[1];
  return reading === undefined ? code : code.replace(reading, () => JSON.stringify(nonce));
}

/**
 * `foreign`: another job's server answered. `silent`: the server took the connection but did not answer in time.
 * `busy`: it is overloaded, so this check shows nothing.
 */
export type CanaryResult =
  | { ok: true }
  | { ok: false; reason: string; foreign?: true; silent?: true; busy?: true };

/** `nonce` null: a bare URL, for which only RANDOM is checked. */
export function judgeCanary(random: string, nonce: string | null, verdict: Verdict): CanaryResult {
  if (verdict.kind !== 'program') return { ok: false, reason: verdict.reason };
  const run = verdict.response.run_result;
  const printed = run?.stdout ?? '';
  const [echoed, ...rest] = printed.trimEnd().split(':');
  if (echoed !== random) {
    const lastError = (run?.stderr ?? '').trim().split('\n').at(-1) ?? '';
    const detail = lastError === '' ? '' : `: ${lastError.slice(0, 200)}`;
    return { ok: false, reason: `the canary printed ${JSON.stringify(printed.slice(0, 80))}${detail}` };
  }
  if (nonce !== null && rest.join(':') !== nonce)
    return { ok: false, foreign: true, reason: 'another server answers there' };
  if (run?.return_code !== EXIT_CODE)
    return { ok: false, reason: `the canary ended with ${run?.return_code} instead of ${EXIT_CODE}` };
  if (!(run.stderr ?? '').includes(STDERR))
    return { ok: false, reason: "the canary's error output is missing" };
  return { ok: true };
}
