import type { Output } from '../../types.js';

/** Gets what the first process of a sandbox reports. */
export type OnText = (text: string) => void;

/** A sandbox with a program in it, however it was started. */
export interface SandboxProcess {
  /** Resolves when nothing of it is left, with why it could not even be started. */
  ended: Promise<Error | undefined>;
  /** What those said that start the sandbox. */
  complaints: string;
  /** The archive of the files that were asked for. */
  fetched: Output | undefined;
  /** Its first process; undefined when it is not there yet, or no more. */
  first(): number | undefined;
  tree(): readonly number[];
  kill(): void;
}
