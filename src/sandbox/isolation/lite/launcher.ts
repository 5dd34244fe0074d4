import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import type { PipeSource } from '../../stdio/pipe-source.js';
import type { Program } from '../../types.js';

/** A way to start a sandbox. */
export interface SandboxLauncher {
  /** The words that start one program's sandbox. */
  words(program: Program): Promise<string[]> | string[];
  /** Between the process that is spawned and the first of the sandbox: how many others. */
  depth: number;
  env: Readonly<Record<string, string>>;
  user?: { uid: number; gid: number };
  /** Where the program's stderr is handed in; not 2 where tools that start the sandbox complain there. */
  stderr: number;
  filter: Buffer | undefined;
  /** Whether what starts the sandbox copies the driver's shell from FD.shell. */
  copies: ReadonlyMap<number, string | Buffer>;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
  pipes: PipeSource;
}
