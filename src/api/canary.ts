import type { Verdict } from './verdict.js';
import type { RunCodeRequest } from './wire.js';

export const NONCE_VARIABLE = 'SANDBOXCTL_JOB_NONCE';

/** Seconds; a server that needs longer for a few lines of Python is not healthy. */
export const CANARY_TIMEOUT_S = 10;

/** Neither 0 nor 1: a server that reports every program as good, or every one as failed, is found out too. */
const EXIT_CODE = 7;
const STDERR = 'canary';

/** The nonce comes from the environment: a SandboxError would echo the code. */
const codeThatPrints = (text: string): string => `import os, sys
print(${text})
print("${STDERR}", file=sys.stderr)
sys.exit(${EXIT_CODE})`;
const ECHO = 'sys.stdin.read().strip()';
const NONCE = `os.environ.get("${NONCE_VARIABLE}", "")`;
const CODE = codeThatPrints(`${ECHO} + ":" + ${NONCE}`);
const HEALTH_CODE = codeThatPrints(ECHO);

/** Of the version before, whose gateways and jobs may still send it. */
const CODE_OF_EARLIER_VERSIONS = /^import os\nprint\("\w+:" \+ (os\.environ\.get\("\w+", ""\))\)$/;

/** The health check: a server that prints `RANDOM:NONCE` and ends as it should works, and is ours. */
export function canaryRequest(random: string): RunCodeRequest {
  return requestOf(CODE, random);
}

/** The same for a server that proves its identity by its secret (`identity`). */
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

/** A check sent by a job's script of the version before, which expects the nonce from a program's environment. */
export function withNonce(code: string, nonce: string): string {
  const reading = code === CODE ? NONCE : CODE_OF_EARLIER_VERSIONS.exec(code)?.[1];
  return reading === undefined ? code : code.replace(reading, () => JSON.stringify(nonce));
}

/** `foreign`: another job's server answered. `silent`: no answer in time. `busy`: overloaded, so it shows nothing. */
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
