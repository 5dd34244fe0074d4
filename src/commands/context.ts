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
  /** One line; control characters stand as escapes, so foreign words can be part of it. `label` comes first, as it is. */
  line(text: string, label?: string): void;
  /** Takes bytes as they are; done when the stream has taken them. Rejects where it cannot, but for a reader that went away. */
  bytes(bytes: Buffer): Promise<void>;
  readonly isTTY: boolean;
  /** 0 where the terminal does not say. */
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

/** Milliseconds since the epoch, and a sleep that ends early when `signal` fires. Handed in, so that tests can own time. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The whole terminal, for a view that changes. */
export interface LiveScreen {
  /** `lines` is called now, and again when the terminal has another size. */
  draw(lines: (size: { columns: number; rows: number }) => string[]): void;
  /** Gives the terminal back. */
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
  /** The folder of the call. Throws kind `usage` where it is gone. */
  readonly cwd: string;
  /** The absolute path of what the user named, from that folder; throws only where it needs it. */
  path(given: string): string;
  globals: Globals;
  io: Io;
  clock: Clock;
  signal: AbortSignal;
  /** Hears of every SIGINT before `signal` does; what it returns true for is no interruption. */
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
  /** The clusters that can be asked from here, the one to deploy on where nobody says first. */
  clusters(): Promise<('slurm' | 'local')[]>;
  relay(to: (signal: NodeJS.Signals) => void): void;
  /** The code that this process ends with where nothing fails: that of a program which ran for us. */
  endWith(code: number): void;
  /** Absolute path of the state folder; not made, not checked. */
  stateFolder: string;
}

export type { EventBody, FleetEvent, Progress };
