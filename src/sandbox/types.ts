import type { CpuFacts } from './limits/cpu/time-limit.js';

/** What a run may take. */
export interface Limits {
  /** Seconds of wall time; none or less ends the stage before it begins. */
  compileTimeout: number;
  /** Seconds of wall time; none or less ends the stage before it begins. */
  runTimeout: number;
  /** Seconds from the beginning of the run at which the caller must have its answer. */
  latest: number;
  /** Bytes that the tree of processes and its /tmp may hold together. */
  memory: number;
  /** Bytes to which the main stack may grow; null: as far as this server's own. */
  stack: number | null;
}

export interface Program {
  /** `/tmp/tmpXXXXXXXX`: where it runs. */
  folder: string;
  /** Where the code stands, inside `folder`. */
  file: string;
  code: string;
  compile?: readonly string[];
  /** Where the compiler's output can be kept. */
  compiled?: Compiled;
  /** A folder of the host that this run alone sees, at HEADERS. */
  headers?: string;
  run: readonly string[];
  stdin: string | null;
  env: Readonly<Record<string, string>>;
  /** Written before anything runs. */
  files: ReadonlyMap<string, Buffer>;
  /** The one of `files` that can be executed. */
  executable?: string;
  /** Read when all has ended. */
  fetch: readonly string[];
  limits: Limits;
}

/** Where a compiler finds precompiled headers. */
export const HEADERS = '/tmp/.headers';

export interface Compiled {
  /** What the source is known by. */
  key: string;
  /** The path of all that the compiler makes. */
  product: string;
  /** A folder of the host with precompiled headers: they make the compiler faster, and its messages shorter. */
  headers: string | undefined;
  /** What the compiler is given beside its own words, so that it reveals what it reads. */
  tracing?: Tracing;
}

/** Makes a compiler reveal that its output depends on more than its sources. */
export interface Tracing {
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Path of the list that it writes, as make's dependencies, of all files that it has read. */
  list?: string;
}

export interface Output {
  bytes: Buffer;
  /** Bytes that came after the cap and were dropped. */
  dropped: number;
}

export interface StageEnd {
  /** The exit code; negative for a signal; null when its time was over. */
  code: number | null;
  /** Seconds. */
  seconds: number;
  stdout: Output;
  stderr: Output;
  killed?: Excess;
  /** Where it timed out, or ran longer than its limit because others had the CPUs. */
  cpu?: CpuFacts;
}

/** What a program took too much of: memory, or files in its /tmp. */
export type Excess = 'memory' | 'files';

export interface Outcome {
  compile?: StageEnd;
  run?: StageEnd;
  /** Path to content, of those of `fetch` that are plain files. */
  files: ReadonlyMap<string, Buffer>;
  filesDropped?: number;
  /** It ran in a sandbox that had waited for it. */
  warm?: true;
  /** Why it did not, where programs may. */
  cold?: string;
}

/**
 * Resolves when nothing of the program is left. Rejects with SandboxFailure, RequestFault, or the signal's reason.
 */
export type Isolation = (program: Program, signal: AbortSignal) => Promise<Outcome>;

export interface Isolated {
  run: Isolation;
  show?(visible: readonly VisiblePath[]): void;
  /** Ends what it keeps; no run may be under way. */
  close(): Promise<void>;
}

export class SandboxFailure extends Error {}

/** The sandbox failed before its program began. */
export class NotBegun extends SandboxFailure {}

/** The request asks for what no sandbox can do. Its message goes to the caller. */
export class RequestFault extends Error {}

/** A folder or link of the host that a sandbox shows at the same place, read-only. */
export interface VisiblePath {
  path: string;
  /** Where a link points to. */
  link?: string;
  /** Something empty lies over it: a secret. */
  masked?: 'file' | 'folder';
}

/** The client timed out before the program had its time, so how the program would have ended is unknown. */
export class ClientTimedOut extends Error {}
