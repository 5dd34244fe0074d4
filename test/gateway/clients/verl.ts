import { post, type Ran, type Sleep } from './post.js';

const TRIES = 3;
const RETRIED = 504;

export interface VerlCase {
  code: string;
  expected: string;
  /** Seconds; verl's own defaults. */
  compileTimeout?: number;
  runTimeout?: number;
  /** Seconds beyond both for which it waits: 10; less lets a test end. */
  slack?: number;
}

/** verl's word on one test case: -1 the sandbox failed, -2 the program did, -3 its time-out, -4 no compile. */
export type VerlResult = true | false | -1 | -2 | -3 | -4;

/**
 * How verl's reward judges one case (reward_score/sandbox_fusion): a 504 is asked again, after one second
 * and then two; any other failure is -1 at once, and -1 counts as a wrong program.
 */
export async function verlCase(
  url: string,
  { code, expected, compileTimeout = 10, runTimeout = 10, slack = 10 }: VerlCase,
  sleep: Sleep,
): Promise<VerlResult> {
  const body = {
    ...{ compile_timeout: compileTimeout, run_timeout: runTimeout, code, stdin: null },
    ...{ memory_limit_MB: 1024, language: 'python', files: {}, fetch_files: [] },
  };
  const timeoutMs = (compileTimeout + runTimeout + slack) * 1000;
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

function judged({ status, compile_result: compile, run_result: run }: Ran, expected: string): VerlResult {
  if (status === 'SandboxError') return -1;
  if (status === 'Success') return trimmed(run?.stdout) === trimmed(expected);
  if (compile !== null && (compile.status === 'TimeLimitExceeded' || compile.return_code !== 0)) return -4;
  if (run?.status === 'TimeLimitExceeded') return -3;
  return run !== null && run.return_code !== 0 ? -2 : -1;
}

const trimmed = (text: string | null | undefined) => (text ?? '').replace(/\n+$/, '');
