import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import type { PipeSource } from '../../stdio/pipe-source.js';
import type { Program } from '../../types.js';

/** A way to start a sandbox. */
export interface SandboxLauncher {
  /** The command that starts one program's sandbox. */
  words(program: Program): Promise<string[]> | string[];
  /** Number of processes between the spawned one and the first of the sandbox. */
  depth: number;
  env: Readonly<Record<string, string>>;
  user?: { uid: number; gid: number };
  /** Descriptor of the program's stderr; not 2 if the tools that start the sandbox write errors there. */
  stderr: number;
  filter: Buffer | undefined;
  /** Whether what starts the sandbox copies the driver's shell from FD.shell. */
  copies: ReadonlyMap<number, string | Buffer>;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
  pipes: PipeSource;
}
