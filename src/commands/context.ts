import type { ResolvedConfig } from '../config/load.js';
import type { EventBody, FleetEvent } from '../fleet/events.js';
import type { InstanceView } from '../fleet/instance.js';
import type { ClusterName } from '../fleet/spec.js';
import type { Progress } from '../import/progress.js';
import type { Run } from '../process/run.js';
import type { Scheduler } from '../scheduler/port.js';

export interface Output {
  /** Whole lines, or a part of one. A terminal gets them without control characters. */
  write(text: string): void;
  /**
   * Writes one line with control characters escaped, so that it may quote other tools. `label` comes first,
   * unescaped.
   */
  line(text: string, label?: string): void;
  /**
   * Writes bytes unchanged; resolves when the stream has accepted them. Rejects if it cannot, unless the reader has
   * closed the pipe.
   */
  bytes(bytes: Buffer): Promise<void>;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

export interface Io {
  stdout: Output;
  stderr: Output;
  stdin(): Promise<string>;
  /** Whether standard input is a pipe, or a file with something in it. */
  stdinIsGiven(): boolean;
  /** Enter means no. Throws kind `usage` without a terminal, naming --yes. */
  confirm(question: string): Promise<boolean>;
  /** Trimmed; undefined without a terminal. */
  ask(question: string): Promise<string | undefined>;
}

/**
 * Milliseconds since the epoch, and a sleep that ends early when `signal` fires. Injected, so that tests control
 * time.
 */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface LiveScreen {
  /** `lines` is called now, and again when the terminal has another size. */
  draw(lines: (size: { columns: number; rows: number }) => string[]): void;
  close(): void;
}

export interface Reporter {
  event(event: FleetEvent): void;
  view(instances: readonly InstanceView[]): void;
  close(): void;
}

export interface Globals {
  fleet: string | undefined;
  configFile: string | undefined;
  verbose: boolean;
}

/** Everything a command touches. Built in cli/context.ts alone; tests build their own. */
export interface Context {
  env: NodeJS.ProcessEnv;
  /** The current folder. Throws kind `usage` if it was deleted. */
  readonly cwd: string;
  /** Resolves a path of the user's from there; throws only if the current folder is needed. */
  path(given: string): string;
  globals: Globals;
  io: Io;
  clock: Clock;
  signal: AbortSignal;
  /** Receives every SIGINT before `signal` does; if it returns true, the command is not interrupted. */
  onInterrupt(handler: (() => boolean) | undefined): void;
  run: Run;
  /** Reads the configuration files; `flags` are the command's own, by config key. */
  config(flags: Readonly<Record<string, unknown>>): Promise<ResolvedConfig>;
  reporter(options: { json: boolean; fleet: string }): Reporter;
  progress(): Promise<Progress>;
  /** The terminal of stdout; undefined if it cannot be redrawn. */
  screen(): Promise<LiveScreen | undefined>;
  /** Throws kind `tool` for Slurm where this machine has none. */
  scheduler(cluster: ClusterName): Promise<Scheduler>;
  /** The clusters that can be reached from here; the first is the default of `deploy`. */
  clusters(): Promise<('slurm' | 'local')[]>;
  relay(to: (signal: NodeJS.Signals) => void): void;
  /** Sets the exit code for the case that nothing fails: the code of a program that was run. */
  endWith(code: number): void;
  /** Absolute path of the state folder; it is neither created nor checked. */
  stateFolder: string;
}

export type { EventBody, FleetEvent, Progress };
