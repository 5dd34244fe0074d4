import { setMaxListeners } from 'node:events';
import { codeOf, EXIT_CODES, SandboxctlError } from '../errors.js';
import { createIo, type TerminalIo, unwritten } from './io.js';
import type { Called } from './verb.js';

/** How a run ends. */
export interface Ending {
  code: number;
  error?: SandboxctlError | undefined;
  /** Whether the error is told; without it only its code speaks. */
  told: boolean;
}

/** What one run of the program shares between its parts, and what must be put back when it ends. */
export class Session {
  readonly io: TerminalIo;
  /** Aborted once: by a signal, or by a stdout that takes nothing any more. */
  readonly stop = new AbortController();
  /** Whether a failure is told as one JSON object. */
  json: boolean;
  /** What the command says that it ends with, where it does not fail: it knows of a signal that came. */
  doneCode: number | undefined;
  /** What every failure of ours ends with, where the other codes are a program's. */
  failureCode: number | undefined;
  /** What was called, once its command line is read. */
  called: Called | undefined;
  /** Hears of every SIGINT first; what it returns true for stops nothing. */
  interrupted: (() => boolean) | undefined;
  /** Whether the command does its work to the end although nobody can be told of it. */
  goesOnUnheard = false;
  private relayed: Relay | undefined;
  private readerGone = false;
  private unwritten: SandboxctlError | undefined;
  private readonly closers: ((ending: Ending) => void)[] = [];

  constructor(argv: readonly string[]) {
    // Every server of every fleet is asked under it.
    setMaxListeners(0, this.stop.signal);
    const ours = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
    this.json = ours.includes('--json');
    this.io = createIo({
      env: process.env,
      noColor: ours.includes('--no-color'),
      signal: this.stop.signal,
      onUnwritten: (error) => this.lost(error),
    });
    stopOnSignals(this.stop, {
      relayed: () => this.relayed,
      taken: (name) => name === 'SIGINT' && this.interrupted?.() === true,
    });
  }

  private lost(error: unknown): void {
    if (codeOf(error) === 'EPIPE') this.readerGone = true;
    else this.unwritten ??= unwritten(error);
    if (!this.goesOnUnheard) this.stop.abort(this.unwritten);
  }

  /**
   * A command that returns although a signal came ends with the signal's code but without a word: it
   * had nothing to say about it. `status | head -1` ends well; an answer that could not be written does not,
   * whatever else happened.
   */
  ending(thrown: SandboxctlError | undefined): Ending {
    if (this.readerGone && !this.goesOnUnheard) {
      return { code: this.doneCode ?? EXIT_CODES.done.code, told: false };
    }
    if (this.unwritten !== undefined) {
      return { code: this.codeOf(this.unwritten), error: this.unwritten, told: true };
    }
    const reason = this.stop.signal.aborted ? (this.stop.signal.reason as SandboxctlError) : undefined;
    const well = thrown === undefined && this.doneCode !== undefined;
    const error = reason === undefined || well || thrown?.kind === reason.kind ? thrown : reason;
    return {
      code: error === undefined ? (this.doneCode ?? EXIT_CODES.done.code) : this.codeOf(error),
      error,
      told: thrown !== undefined,
    };
  }

  /** Signals keep their codes everywhere. */
  codeOf({ kind, exitCode }: SandboxctlError): number {
    if (kind === 'interrupted' || kind === 'terminated') return exitCode;
    return this.failureCode ?? exitCode;
  }

  /** From now on signals go to a program that runs in our place, and end nothing here. */
  relay(to: Relay): void {
    this.relayed = to;
    for (const name of RELAYED_TOO) process.on(name, () => relaySignal(to, name));
  }

  /** `closer` runs when the run ends, however it ends. */
  onClose(closer: (ending: Ending) => void): void {
    this.closers.push(closer);
  }

  close(ending: Ending): void {
    for (const closer of this.closers.splice(0)) closer(ending);
  }
}

type Relay = (signal: NodeJS.Signals) => void;

/** What Slurm (--signal) and people send to programs, beside what would end this one. */
const RELAYED_TOO = ['SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** What a terminal's keys send reaches every process in its foreground by itself. */
function relaySignal(to: Relay, name: NodeJS.Signals): void {
  if (!process.stdin.isTTY || !['SIGINT', 'SIGQUIT'].includes(name)) to(name);
}

/** A lost terminal ends like SIGTERM: tools have process groups of their own and would go on alone. */
const KINDS = { SIGINT: 'interrupted', SIGTERM: 'terminated', SIGHUP: 'terminated' } as const;

/**
 * The first signal aborts `stop`, its reason the error to end with (130 or 143); the second ends the
 * process at once.
 */
function stopOnSignals(
  stop: AbortController,
  { relayed, taken }: { relayed: () => Relay | undefined; taken: (name: string) => boolean },
): void {
  for (const [name, kind] of Object.entries(KINDS)) {
    process.on(name, () => {
      const to = relayed();
      if (to !== undefined) {
        relaySignal(to, name as NodeJS.Signals);
        return;
      }
      if (taken(name)) return;
      if (stop.signal.aborted) process.exit(EXIT_CODES[kind].code);
      stop.abort(
        new SandboxctlError(kind, {
          what: `stopped by ${name}`,
          hint: 'run the same command again: it goes on from where this one stopped',
        }),
      );
    });
  }
}
