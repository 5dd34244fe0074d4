import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import type { KeptBytes } from '../../process/unnamed-file.js';
import type { PipeSource } from '../../stdio/pipe-source.js';
import type { Program } from '../../types.js';

export interface SandboxLauncher {
  words(program: Program): Promise<string[]> | string[];
  /** Number of processes between the spawned one and the first of the sandbox. */
  depth: number;
  env: Readonly<Record<string, string>>;
  user?: { uid: number; gid: number };
  /** Descriptor of the program's stderr; not 2 if the tools that start the sandbox write errors there. */
  stderr: number;
  filter: KeptBytes | undefined;
  /** What the one that starts the sandbox copies into it, by descriptor: files of the host, and bytes. */
  copies: ReadonlyMap<number, string | KeptBytes>;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
  pipes: PipeSource;
}
