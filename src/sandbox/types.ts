/** What a run may take. */
export interface Limits {
  /** Seconds of wall time. */
  compileTimeout: number;
  /** Seconds of wall time. */
  runTimeout: number;
  /** Bytes that the tree of processes may hold together. */
  memory: number;
  /** Bytes of private writable memory that one process may map; null where its runtime maps more than it uses. */
  data: number | null;
}

/** One program, ready to be run in a folder of its own. */
export interface Program {
  /** `/tmp/tmpXXXXXXXX`: where it runs. */
  folder: string;
  /** Where the code stands, inside `folder`. */
  file: string;
  code: string;
  /** Words to run first; the program runs only when they end with 0. */
  compile?: readonly string[];
  run: readonly string[];
  stdin: string | null;
  /** Path to content. */
  files: ReadonlyMap<string, Buffer>;
  fetch: readonly string[];
  limits: Limits;
}

/** How one stage, compile or run, came to its end. */
export interface StageEnd {
  /** The exit code; negative for a signal; null when its time was over. */
  code: number | null;
  /** Seconds. */
  seconds: number;
  stdout: Output;
  stderr: Output;
  /** Killed since the tree held more memory than it may. */
  memoryKill: boolean;
}

/** What one stream of a program gave. */
export interface Output {
  bytes: Buffer;
  /** Bytes that came after the cap and were dropped. */
  dropped: number;
}

export interface Outcome {
  compile?: StageEnd;
  run?: StageEnd;
  /** Path to content, of those that were asked for and are there. */
  files: ReadonlyMap<string, Buffer>;
}

/**
 * Runs one program and resolves when nothing of it is left. Rejects with SandboxFailure where the sandbox
 * failed; aborting ends the run and rejects with the signal's reason.
 */
export type Isolation = (program: Program, signal: AbortSignal) => Promise<Outcome>;

/** The sandbox failed: never the program's fault. */
export class SandboxFailure extends Error {}
