import { setMaxListeners } from 'node:events';
import { codeOf, EXIT_CODES, SandboxctlError } from '../errors.js';
import { createIo, outputError, type TerminalIo } from './io.js';
import type { Called } from './verb.js';

export interface Ending {
  code: number;
  error?: SandboxctlError | undefined;
  printed: boolean;
}

export class ProgramRun {
  readonly io: TerminalIo;
  /** Aborted once: by a signal, or when stdout cannot be written. */
  readonly stop = new AbortController();
  json: boolean;
  /** The exit code without an error, if the command sets one. It then has handled a signal itself. */
  successCode: number | undefined;
  /** The exit code of every error of ours, if the other codes are a program's. */
  failureCode: number | undefined;
  called: Called | undefined;
  /** Called at every SIGINT; returns true if it handled it, and the command goes on. */
  onInterrupt: (() => boolean) | undefined;
  /** Whether the command finishes its work although its output cannot be written. */
  finishesWithoutReader = false;
  private relayed: Relay | undefined;
  private readerGone = false;
  private outputError: SandboxctlError | undefined;
  private readonly closers: ((ending: Ending) => void)[] = [];

  constructor(argv: readonly string[]) {
    // Every request to every server listens to it.
    setMaxListeners(0, this.stop.signal);
    const ours = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
    this.json = ours.includes('--json');
    this.io = createIo({
      env: process.env,
      noColor: ours.includes('--no-color'),
      signal: this.stop.signal,
      onOutputError: (error) => this.outputFailed(error),
    });
    stopOnSignals(this.stop, {
      relayed: () => this.relayed,
      handled: (name) => name === 'SIGINT' && this.onInterrupt?.() === true,
    });
  }

  private outputFailed(error: unknown): void {
    if (codeOf(error) === 'EPIPE') this.readerGone = true;
    else this.outputError ??= outputError(error);
    if (!this.finishesWithoutReader) this.stop.abort(this.outputError);
  }

  /**
   * A signal's code wins and prints no error. `status | head -1` succeeds; any other unwritable output is an error.
   */
  ending(thrown: SandboxctlError | undefined): Ending {
    if (this.readerGone && !this.finishesWithoutReader) {
      return { code: this.successCode ?? EXIT_CODES.done.code, printed: false };
    }
    if (this.outputError !== undefined) {
      return { code: this.codeOf(this.outputError), error: this.outputError, printed: true };
    }
    const reason = this.stop.signal.aborted ? (this.stop.signal.reason as SandboxctlError) : undefined;
    const succeeded = thrown === undefined && this.successCode !== undefined;
    const error = reason === undefined || succeeded || thrown?.kind === reason.kind ? thrown : reason;
    return {
      code: error === undefined ? (this.successCode ?? EXIT_CODES.done.code) : this.codeOf(error),
      error,
      printed: thrown !== undefined,
    };
  }

  /** The exit code of an error. Signals keep their codes for every command. */
  codeOf({ kind, exitCode }: SandboxctlError): number {
    if (kind === 'interrupted' || kind === 'terminated') return exitCode;
    return this.failureCode ?? exitCode;
  }

  relay(to: Relay): void {
    this.relayed = to;
    for (const name of RELAYED_SIGNALS) process.on(name, () => relaySignal(to, name));
  }

  onClose(closer: (ending: Ending) => void): void {
    this.closers.push(closer);
  }

  close(ending: Ending): void {
    for (const closer of this.closers.splice(0)) closer(ending);
  }
}

type Relay = (signal: NodeJS.Signals) => void;

/** Signals that Slurm (--signal) and users send to programs, besides those that stop this one. */
const RELAYED_SIGNALS = ['SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** Ctrl-C and Ctrl-\ of a terminal already reach every process in its foreground. */
function relaySignal(to: Relay, name: NodeJS.Signals): void {
  if (!process.stdin.isTTY || !['SIGINT', 'SIGQUIT'].includes(name)) to(name);
}

/** SIGHUP counts as SIGTERM: the tools that run have their own process groups and would outlive the terminal. */
const KINDS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'terminated' } as const;

/** The first signal aborts `stop` with the error to exit with (130 or 143); the second exits at once. */
function stopOnSignals(
  stop: AbortController,
  { relayed, handled }: { relayed: () => Relay | undefined; handled: (name: string) => boolean },
): void {
  for (const [name, kind] of Object.entries(KINDS)) {
    process.on(name, () => {
      const to = relayed();
      if (to !== undefined) {
        relaySignal(to, name as NodeJS.Signals);
        return;
      }
      if (handled(name)) return;
      if (stop.signal.aborted) process.exit(EXIT_CODES[kind].code);
      stop.abort(
        new SandboxctlError(kind, {
          what: `stopped by ${name}`,
          hint: 'run the same command again: it does what is left to do',
        }),
      );
    });
  }
}
