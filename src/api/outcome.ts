import { extrasOf, type RunCodeResponse } from './wire.js';

/** How a program ended that a sandbox ran, as `judge` told it. */
export interface Outcome {
  /** The stage that decided: of a program that does not compile nothing ran. */
  stage: 'compile' | 'run';
  /** Null at a time-out; below 0 the number of the signal that ended it. */
  code: number | null;
  timedOut: boolean;
  /** What it took too much of, where the sandbox ended it for that and says so: `memory`, `files`. */
  killed: string | null;
  /** What it printed, in its own bytes where the sandbox gives them. */
  stdout: Buffer;
  stderr: Buffer;
  /** Bytes that were cut from the end of each. */
  dropped: { stdout: number; stderr: number };
  /** Seconds; null where nobody says. */
  seconds: number | null;
}

export function outcomeOf({ compile_result: compile, run_result: run }: RunCodeResponse): Outcome {
  const result = run ?? compile;
  const extras = extrasOf(result);
  const bytes = (base64: string | undefined, text: string | null | undefined) =>
    base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
  return {
    stage: run === null && compile !== null ? 'compile' : 'run',
    code: result?.return_code ?? null,
    timedOut: result?.status === 'TimeLimitExceeded',
    killed: extras.killed ?? null,
    stdout: bytes(extras.stdout_base64, result?.stdout),
    stderr: bytes(extras.stderr_base64, result?.stderr),
    dropped: { stdout: extras.stdout_dropped ?? 0, stderr: extras.stderr_dropped ?? 0 },
    seconds: result?.execution_time ?? null,
  };
}
