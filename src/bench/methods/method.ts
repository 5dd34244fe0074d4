import type { Problem, TestCase } from '../problem.js';
import type { RunResult } from '../results.js';
import type { Attempt } from '../verdict.js';

/** One way to run programs. */
export interface Method {
  name: string;
  /** What a reader should know of it: `bwrap`, a list of URLs. */
  about: string;
  isolated: boolean;
  /** CPUs that its programs may use together; null if nobody tells. */
  cores: number | null;
  /** Its processes, so that their CPU time and memory can be read; null if they are not on this machine. */
  root: Root | null;
  /** Runs one program once. Rejects only with the reason of `signal`. */
  run(problem: Problem, testCase: TestCase, signal: AbortSignal): Promise<Attempt>;
  /** After a round, outside of its time: results of a server that is not well by then are no verdicts. */
  settle?(results: readonly RunResult[]): Promise<RunResult[]>;
  close(): Promise<void>;
}

/** `children`: the programs are children of this process. Else the process that starts them. */
export type Root = 'children' | { pid: number };

/** Seconds, for programs that are compiled first: SandboxFusion's default. */
export const COMPILE_TIMEOUT_S = 10;

export function sandboxFailure(detail: string, retries = 0): Attempt {
  return { verdict: 'sandbox failure', detail, retries, doubt: null };
}
