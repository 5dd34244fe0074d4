import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { firstWords } from '../../errors.js';
import { unnamedFile } from '../code-file.js';
import { Collector } from '../collector.js';
import { childrenOf, kill } from '../tree.js';
import { type Isolation, type Outcome, type Program, SandboxFailure, type StageEnd } from '../types.js';
import { runWords } from './bwrap.js';
import { COMPILE_STDERR_FD, COMPILE_STDOUT_FD, driverScript, readReport, type Ulimits } from './driver.js';

export interface LiteSetup {
  /** See boxWords. */
  box: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Whom the sandbox runs as outside of its user namespace; none: as this server's own user. */
  user?: { uid: number; gid: number };
  ulimits: (program: Program) => Ulimits;
  /** Bytes of each stream that are kept. */
  outputCap: number;
}

/** The control channel says a few short lines; what is longer was written by a program. */
const CONTROL_CAP = 16_384;

type Stage = 'compile' | 'run';

/** Runs programs, each in a sandbox of its own made by bubblewrap. */
export function liteIsolation(setup: LiteSetup): Isolation {
  return (program, signal) => new LiteRun(setup, program, signal).end();
}

class LiteRun {
  private readonly setup: LiteSetup;
  private readonly program: Program;
  private readonly signal: AbortSignal;
  private readonly child: ChildProcess;
  private readonly streams: Collector[] = [];
  private stage: Stage;
  private timer: NodeJS.Timeout | undefined;
  private control = '';
  private timedOut: Stage | undefined;
  private began = performance.now();
  private compileSeconds = 0;

  constructor(setup: LiteSetup, program: Program, signal: AbortSignal) {
    this.setup = setup;
    this.program = program;
    this.signal = signal;
    this.stage = program.compile === undefined ? 'run' : 'compile';
    this.child = this.spawn();
    this.streams.push(this.collect(1), this.collect(2));
    if (this.stage === 'compile') {
      this.streams.push(this.collect(COMPILE_STDOUT_FD), this.collect(COMPILE_STDERR_FD));
    }
    this.stream(3)
      .setEncoding('latin1')
      .on('data', (text: string) => this.hear(text));
    const { stdin } = this.child;
    // A program need not read what it is given.
    stdin?.on('error', () => undefined).end(program.stdin);
    this.arm();
  }

  async end(): Promise<Outcome> {
    const cancel = () => this.kill();
    this.signal.addEventListener('abort', cancel);
    if (this.signal.aborted) cancel();
    try {
      const failure = await new Promise<Error | undefined>((resolve) => {
        this.child.on('error', resolve).on('close', () => resolve(undefined));
      });
      if (failure !== undefined) throw new SandboxFailure(failure.message);
    } finally {
      clearTimeout(this.timer);
      this.signal.removeEventListener('abort', cancel);
    }
    this.signal.throwIfAborted();
    return this.outcome();
  }

  private spawn(): ChildProcess {
    const { box, env, user, ulimits } = this.setup;
    const script = driverScript(this.program, ulimits(this.program));
    const [file = '', ...args] = runWords(box, this.program, script);
    const code = unnamedFile(this.program.code);
    try {
      return spawn(file, args, {
        cwd: '/',
        env,
        ...user,
        // A session of its own: no terminal to push input into, and a Ctrl-C is the server's alone.
        detached: true,
        stdio: [
          this.program.stdin ? 'pipe' : 'ignore',
          ...(['pipe', 'pipe', 'pipe', code] as const),
          ...(this.stage === 'compile' ? (['pipe', 'pipe'] as const) : []),
        ],
      });
    } finally {
      closeSync(code);
    }
  }

  private stream(fd: number): Readable {
    // stdio is given above: each of these is a pipe.
    return this.child.stdio[fd] as Readable;
  }

  private collect(fd: number): Collector {
    const collector = new Collector(this.setup.outputCap);
    this.stream(fd).on('data', (chunk: Buffer) => collector.add(chunk));
    return collector;
  }

  private hear(text: string): void {
    if (this.control.length < CONTROL_CAP) this.control += text;
    if (this.stage === 'run' || !/^C \d+$/m.test(this.control)) return;
    this.stage = 'run';
    const now = performance.now();
    this.compileSeconds = (now - this.began) / 1000;
    this.began = now;
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.timer);
    const { compileTimeout, runTimeout } = this.program.limits;
    const seconds = this.stage === 'compile' ? compileTimeout : runTimeout;
    this.timer = setTimeout(
      () => {
        this.timedOut = this.stage;
        this.kill();
      },
      Math.min(seconds * 1000, 2 ** 31 - 1),
    );
  }

  /** The first process of the namespace takes all others with it; bubblewrap ends when they are gone. */
  private kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    const inside = childrenOf(pid);
    for (const each of inside) kill(each);
    if (inside.length === 0) kill(pid);
  }

  private outcome(): Outcome {
    const seconds = (performance.now() - this.began) / 1000;
    const report = readReport(this.control);
    const [stdout, stderr, compileStdout, compileStderr] = this.streams.map((each) => each.output());
    if (stdout === undefined || stderr === undefined) throw new Error('no streams');
    if (!report.ready && this.timedOut === undefined) {
      throw new SandboxFailure(
        firstWords(stderr.bytes.toString()) || firstWords(this.control) || 'no sandbox',
      );
    }
    const stage = (name: Stage, end: Omit<StageEnd, 'code' | 'memoryKill'>): StageEnd => ({
      ...end,
      code: report[name] ?? (this.timedOut === name ? null : -9),
      memoryKill: false,
    });
    const files = new Map<string, Buffer>();
    if (compileStdout === undefined || compileStderr === undefined) {
      return { run: stage('run', { seconds, stdout, stderr }), files };
    }
    const compile = stage('compile', {
      seconds: this.stage === 'compile' ? seconds : this.compileSeconds,
      stdout: compileStdout,
      stderr: compileStderr,
    });
    if (compile.code !== 0) return { compile, files };
    return { compile, run: stage('run', { seconds, stdout, stderr }), files };
  }
}
