import { extrasOf, type RunCodeResponse } from './wire.js';

export interface Outcome {
  /** `compile`: it did not compile, so nothing ran. */
  stage: 'compile' | 'run';
  /** Null after a timeout; negative: the number of the signal that killed it. */
  code: number | null;
  timedOut: boolean;
  /** The limit for which the sandbox killed it, if it says so: `memory`, `files`. */
  killed: string | null;
  stdout: Buffer;
  stderr: Buffer;
  /** Bytes that were cut from the end of each stream. */
  dropped: { stdout: number; stderr: number };
  /** Null if the sandbox does not say. */
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
