import type { Output } from '../../types.js';

export type OnText = (text: string) => void;

/** A sandbox with a running program. */
export interface SandboxProcess {
  /** Resolves when all of its processes have ended, with the error if it could not be started. */
  ended: Promise<Error | undefined>;
  /** Error output of the tools that start the sandbox. */
  complaints: string;
  fetched: Output | undefined;
  /** Its first process; undefined before it has started and after it has ended. */
  first(): number | undefined;
  /** A process in the user namespace that its network belongs to, where that is not its first process's own. */
  networkOwner?(): number;
  tree(): readonly number[];
  /** Tells from now on what it reports as that comes; until then, or to the end, it may keep it. */
  watch?(): void;
  kill(): void;
}
