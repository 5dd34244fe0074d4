import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { after } from '../../../node.js';
import { packTar } from '../../files/tar.js';
import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import { FETCH_CAP } from '../../limits/limits.js';
import { sandboxUsage } from '../../limits/usage.js';
import { type Usage, Watch } from '../../limits/watch.js';
import { Collector } from '../../process/collector.js';
import { spawned } from '../../process/spawned.js';
import { childrenOf, kill, killTree, treeOf } from '../../process/tree.js';
import { unnamedFile } from '../../process/unnamed-file.js';
import type { Excess, Outcome, Program } from '../../types.js';
import { FD } from './driver.js';
import { outcomeOf, type Stage } from './outcome.js';
import { readReport } from './report.js';

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
  copiesShell: boolean;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
}

/** The control channel says a few short lines; what is longer was written by a program. */
const CONTROL_CAP = 16_384;
/** Milliseconds for the way from a program's end to its files' arrival. */
const FETCH_MS = 10_000;

/** Runs one program in a sandbox of its own. */
export async function runInSandbox(
  box: SandboxLauncher,
  program: Program,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const words = await box.words(program);
  return new LiteRun(box, program, words).end(signal);
}

class LiteRun {
  private readonly box: SandboxLauncher;
  private readonly program: Program;
  private readonly child: ChildProcess;
  private readonly out: Collector;
  private readonly err: Collector;
  /** What those said that start the sandbox. */
  private readonly complaints: Collector;
  private readonly compiler: { out: Collector; err: Collector } | undefined;
  private readonly fetched: Collector | undefined;
  private readonly watch: Watch;
  private stage: Stage;
  /** Takes back what comes next by the clock. */
  private disarm = (): void => undefined;
  private control = '';
  private timedOut: Stage | undefined;
  private excess: Excess | undefined;
  private began = performance.now();
  private compileSeconds = 0;

  constructor(box: SandboxLauncher, program: Program, words: readonly string[]) {
    this.box = box;
    this.program = program;
    this.stage = program.compile === undefined ? 'run' : 'compile';
    this.child = this.spawn(words);
    this.out = this.collect(1, box.outputCap);
    this.err = this.collect(box.stderr, box.outputCap);
    this.complaints = box.stderr === 2 ? this.err : this.collect(2, CONTROL_CAP);
    if (program.compile !== undefined) {
      this.compiler = {
        out: this.collect(FD.compileStdout, box.outputCap),
        err: this.collect(FD.compileStderr, box.outputCap),
      };
    }
    const control = this.stream(FD.control)
      .setEncoding('latin1')
      .on('data', (text: string) => this.hear(text))
      // A sandbox that is killed does not read to the end.
      .on('error', () => undefined);
    if (program.fetch.length > 0) {
      this.fetched = this.collect(FD.fetch, FETCH_CAP);
      control.end(program.fetch.map((path) => `${path}\0`).join(''));
    }
    // A program need not read what it is given.
    this.child.stdin?.on('error', () => undefined).end(program.stdin);
    this.watch = new Watch({
      usage: () => this.held(),
      tree: () => (this.child.pid === undefined ? [] : treeOf(this.child.pid)),
      memory: program.limits.memory,
      groups: box.groups,
      exceeded: (excess) => {
        this.excess = excess;
        this.kill();
      },
    });
    this.arm();
  }

  async end(signal: AbortSignal): Promise<Outcome> {
    const cancel = () => this.kill();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    let failure: Error | undefined;
    try {
      failure = await new Promise((resolve) => {
        this.child.on('error', resolve).on('close', () => resolve(undefined));
      });
    } finally {
      this.disarm();
      const unseen = this.watch.end();
      this.excess ??= unseen;
      signal.removeEventListener('abort', cancel);
    }
    signal.throwIfAborted();
    const stage = {
      seconds: (performance.now() - this.began) / 1000,
      stdout: this.out.output(),
      stderr: this.err.output(),
    };
    return outcomeOf({
      program: this.program,
      failure,
      control: this.control,
      complaints: this.complaints.output().bytes.toString(),
      timedOut: this.timedOut,
      excess: this.excess,
      run: stage,
      compile: this.compiler && {
        seconds: this.stage === 'compile' ? stage.seconds : this.compileSeconds,
        stdout: this.compiler.out.output(),
        stderr: this.compiler.err.output(),
      },
      fetched: this.fetched?.output().bytes,
    });
  }

  private spawn(words: readonly string[]): ChildProcess {
    const { program, box } = this;
    const opened: number[] = [];
    const open = (bytes: string | Buffer) => {
      opened.push(unnamedFile(bytes));
      return opened.at(-1);
    };
    const compiles = program.compile === undefined ? 'ignore' : 'pipe';
    try {
      const stdio: StdioOptions = [
        program.stdin ? 'pipe' : 'ignore',
        ...(['pipe', 'pipe', 'pipe'] as const),
        open(program.code),
        box.stderr === FD.seccomp ? 'pipe' : box.filter === undefined ? 'ignore' : open(box.filter),
        ...([compiles, compiles] as const),
        program.files.size === 0 ? 'ignore' : open(packTar(program.files)),
        program.fetch.length === 0 ? 'ignore' : 'pipe',
      ];
      if (box.copiesShell) {
        opened.push(openSync('/bin/sh', 'r'));
        stdio[FD.shell] = opened.at(-1);
      }
      // A session of its own: no terminal to push input into, and a Ctrl-C is the server's alone.
      const how = { cwd: '/', env: box.env, ...box.user, detached: true };
      return spawned(words, { ...how, stdio });
    } finally {
      for (const fd of opened) closeSync(fd);
    }
  }

  private stream(fd: number): Duplex {
    // spawn made each of these a pipe, and those beyond 2 go both ways.
    return this.child.stdio[fd] as Duplex;
  }

  private collect(fd: number, cap: number): Collector {
    const collector = new Collector(cap);
    this.stream(fd).on('data', (chunk: Buffer) => collector.add(chunk));
    return collector;
  }

  private hear(text: string): void {
    if (this.control.length < CONTROL_CAP) this.control += text;
    if (this.stage === 'compile' && readReport(this.control, this.program).compile === 0) {
      this.stage = 'run';
      const now = performance.now();
      this.compileSeconds = (now - this.began) / 1000;
      this.began = now;
      this.arm();
    }
  }

  private arm(): void {
    this.disarm();
    const { compileTimeout, runTimeout } = this.program.limits;
    const seconds = this.stage === 'compile' ? compileTimeout : runTimeout;
    this.disarm = after(seconds * 1000, () => this.timeOver());
  }

  private timeOver(): void {
    this.timedOut = this.stage;
    const first = this.ready() ? this.first() : undefined;
    if (this.fetched === undefined || first === undefined) {
      this.kill();
      return;
    }
    // The driver goes on when its child has ended, ends all others, and sends the files.
    kill(childrenOf(first));
    this.disarm = after(FETCH_MS, () => this.kill());
  }

  /** Whether the driver runs, and the sandbox around it is made. */
  private ready(): boolean {
    return /^R$/m.test(this.control);
  }

  /** The first process of the sandbox; undefined when it is not there yet, or no more. */
  private first(): number | undefined {
    let pid = this.child.pid;
    for (let step = 0; step <= this.box.depth && pid !== undefined; step += 1) [pid] = childrenOf(pid);
    return pid;
  }

  private held(): Usage | undefined {
    // Before the driver runs, its process still stands in the host's /tmp and /proc, and would hold all of them.
    const first = this.ready() ? this.first() : undefined;
    return first === undefined ? undefined : sandboxUsage(first, this.program.limits.memory);
  }

  /** The first process takes all others with it, and what started it ends when they are gone. */
  private kill(): void {
    const first = this.first();
    if (first !== undefined) kill([first]);
    else if (this.child.pid !== undefined) killTree(this.child.pid);
  }
}
