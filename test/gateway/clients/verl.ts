import { post, type Ran, type Sleep } from './post.js';

const TRIES = 3;
const RETRIED = 504;

export interface VerlCase {
  code: string;
  expected: string;
  stdin?: string;
  /** The function that is called, with the arguments that `stdin` has as JSON, one a line. */
  fnName?: string;
  /** Seconds; verl's own defaults. */
  compileTimeout?: number;
  runTimeout?: number;
  /** Seconds beyond both for which it waits: 10; less lets a test end. */
  slack?: number;
  /** How many times faster than the machine's its clock is. */
  scale?: number;
}

/** verl's word on one test case: -1 the sandbox failed, -2 the program did, -3 its timeout, -4 no compile. */
export type VerlResult = true | false | -1 | -2 | -3 | -4;

/**
 * How verl's reward judges one case (reward_score/sandbox_fusion): a 504 is asked again, after one second
 * and then two; any other failure is -1 at once, and -1 counts as a wrong program.
 */
export async function verlCase(
  url: string,
  { code, expected, stdin, fnName, compileTimeout = 10, runTimeout = 10, slack = 10, scale = 1 }: VerlCase,
  sleep: Sleep,
): Promise<VerlResult> {
  const body = {
    ...{ compile_timeout: compileTimeout, run_timeout: runTimeout },
    ...{ code: fnName === undefined ? code : calling(fnName, code), stdin: stdin ?? null },
    ...{ memory_limit_MB: 1024, language: 'python', files: {}, fetch_files: [] },
  };
  const timeoutMs = ((compileTimeout + runTimeout + slack) * 1000) / scale;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const answer = await post(`${url}/run_code`, body, timeoutMs);
      if (answer.status === 200) return judged(JSON.parse(answer.text) as Ran, expected);
      if (answer.status !== RETRIED) return -1;
    } catch {
      return -1;
    }
    if (attempt < TRIES - 1) await sleep((attempt + 1) * 1000);
  }
  return -1;
}

/** What verl puts round a program whose function is called: the value is printed, as JSON unless it is a text or a number. */
function calling(name: string, code: string): string {
  return `from collections import *
from typing import *
import json, sys
${code}
def _run():
    lines = sys.stdin.read()
    arguments = [json.loads(line) for line in lines.split('\\n')] if lines.strip() else []
    function = globals()['${name}'] if '${name}' in globals() else getattr(globals()['Solution'](), '${name}')
    value = function(*arguments)
    plain = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    print(str(value) if plain else json.dumps(value))
if __name__ == '__main__':
    _run()
`;
}

function judged({ status, compile_result: compile, run_result: run }: Ran, expected: string): VerlResult {
  if (status === 'SandboxError') return -1;
  if (status === 'Success') return trimmed(run?.stdout) === trimmed(expected);
  if (compile !== null && (compile.status === 'TimeLimitExceeded' || compile.return_code !== 0)) return -4;
  if (run?.status === 'TimeLimitExceeded') return -3;
  return run !== null && run.return_code !== 0 ? -2 : -1;
}

const trimmed = (text: string | null | undefined) => (text ?? '').replace(/\n+$/, '');
