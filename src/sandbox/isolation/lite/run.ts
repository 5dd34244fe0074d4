import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { after } from '../../../node.js';
import { packTar } from '../../files/tar.js';
import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import { sandboxCpu } from '../../limits/cpu/sample.js';
import { outOfPatience, type TimeEnd, TimeLimit } from '../../limits/cpu/time-limit.js';
import { FETCH_CAP } from '../../limits/limits.js';
import { SocketGauge } from '../../limits/sockets.js';
import { sandboxUsage } from '../../limits/usage.js';
import { type Usage, Watch } from '../../limits/watch.js';
import { Collector } from '../../process/collector.js';
import { spawned } from '../../process/spawned.js';
import { childrenOf, kill, killTree, treeOf } from '../../process/tree.js';
import { unnamedFile } from '../../process/unnamed-file.js';
import type { PipeSource } from '../../stdio/pipe-source.js';
import { InputPipe, OutputPipe } from '../../stdio/program-pipes.js';
import { type Excess, type Outcome, OutOfPatience, type Program, SandboxFailure } from '../../types.js';
import { FD } from './driver.js';
import { outcomeOf, type Stage, type StageTimes } from './outcome.js';
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
  copies: ReadonlyMap<number, string | Buffer>;
  /** Bytes of each stream that are kept. */
  outputCap: number;
  groups: RunGroups | undefined;
  pipes: PipeSource;
}

/** The control channel says a few short lines; what is longer was written by a program. */
const CONTROL_CAP = 16_384;
/** Milliseconds for the way from a program's end to its files' arrival. */
const FETCH_MS = 10_000;
/** Milliseconds to make a sandbox, where the program's own limit is shorter: that time is not the program's. */
const SETUP_MS = 10_000;

/** Runs one program in a sandbox of its own. */
export async function runInSandbox(
  box: SandboxLauncher,
  program: Program,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const words = await box.words(program);
  const pipes = await box.pipes.take(2 + (program.stdin ? 1 : 0) + (program.compile === undefined ? 0 : 2));
  return new LiteRun(box, program, words, pipes).end(signal);
}

class LiteRun {
  private readonly box: SandboxLauncher;
  private readonly program: Program;
  private readonly child: ChildProcess;
  private readonly input: InputPipe | undefined;
  private readonly out: OutputPipe;
  private readonly err: OutputPipe;
  /** What those said that start the sandbox, where that does not come with the program's stderr. */
  private readonly complaints: Collector | undefined;
  private readonly compiler: { out: OutputPipe; err: OutputPipe } | undefined;
  private readonly fetched: Collector | undefined;
  private readonly watch: Watch;
  private stage: Stage;
  /** Takes back what comes next by the clock. */
  private disarm = (): void => undefined;
  private control = '';
  private timedOut: Stage | undefined;
  private excess: Excess | undefined;
  private starved: string | undefined;
  private readonly sockets = new SocketGauge();
  private readonly spawned = performance.now();
  private began = this.spawned;
  private compiled: Pick<StageTimes, 'seconds' | 'cpu'> = { seconds: 0, cpu: undefined };
  private time: TimeLimit | undefined;
  private impatient: Exclude<TimeEnd, 'timeout'> | undefined;

  /** `pipes`: the reading ends of empty ones, as many as the program has streams. */
  constructor(box: SandboxLauncher, program: Program, words: readonly string[], pipes: number[]) {
    this.box = box;
    this.program = program;
    this.stage = program.compile === undefined ? 'run' : 'compile';
    const pipe = () => pipes.pop() as number;
    const output = () => new OutputPipe(pipe(), box.outputCap, box.user);
    this.out = output();
    this.err = output();
    if (program.compile !== undefined) this.compiler = { out: output(), err: output() };
    if (program.stdin) this.input = new InputPipe(pipe(), program.stdin, box.user);
    this.child = this.spawn(words);
    if (box.stderr !== 2) this.complaints = this.collect(2, CONTROL_CAP);
    const control = this.stream(FD.control)
      .setEncoding('latin1')
      .on('data', (text: string) => this.hear(text))
      // A sandbox that is killed does not read to the end.
      .on('error', () => undefined);
    if (program.fetch.length > 0) {
      this.fetched = this.collect(FD.fetch, FETCH_CAP);
      control.end(program.fetch.map((path) => `${path}\0`).join(''));
    }
    this.watch = new Watch({
      usage: () => this.held(),
      tree: () => (this.child.pid === undefined ? [] : treeOf(this.child.pid)),
      memory: program.limits.memory,
      groups: box.groups,
      exceeded: (excess) => {
        this.excess ??= excess;
        this.kill();
      },
      starved: (words) => {
        this.starved = words;
        this.kill();
      },
    });
    if (this.seconds() > 0) this.disarm = after(this.setupMs(), () => this.kill());
    else this.timeOver('timeout');
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
      const { excess, starved } = this.watch.end();
      this.excess ??= excess;
      if (starved !== undefined) this.starved = starved;
      signal.removeEventListener('abort', cancel);
    }
    this.input?.close();
    const run = { ...this.times(), stdout: this.out.finish(), stderr: this.err.finish() };
    const compile = this.compiler && {
      ...(this.stage === 'compile' ? this.times() : this.compiled),
      stdout: this.compiler.out.finish(),
      stderr: this.compiler.err.finish(),
    };
    signal.throwIfAborted();
    if (this.starved !== undefined && this.excess === undefined) throw new SandboxFailure(this.starved);
    if (this.impatient !== undefined && this.time !== undefined)
      throw new OutOfPatience(outOfPatience(this.impatient, this.seconds(), this.time));
    const outcome = outcomeOf({
      program: this.program,
      failure,
      control: this.control,
      complaints: this.complaints?.output().bytes.toString() ?? '',
      timedOut: this.timedOut,
      excess: this.excess,
      run,
      compile,
      fetched: this.fetched?.output(),
    });
    const last = outcome.run ?? outcome.compile;
    const starved =
      last?.code === -constants.signals.SIGKILL && !last.killed && this.watch.starvedMeanwhile();
    if (starved) throw new SandboxFailure(starved);
    return outcome;
  }

  private spawn(words: readonly string[]): ChildProcess {
    const { program, box } = this;
    const outputs = [this.out, this.err, this.compiler?.out, this.compiler?.err];
    const opened = [this.input, ...outputs].flatMap((each) => (each === undefined ? [] : [each.theirs]));
    const open = (bytes: string | Buffer) => {
      opened.push(unnamedFile(bytes));
      return opened.at(-1);
    };
    try {
      const stdio: StdioOptions = [
        this.input?.theirs ?? 'ignore',
        this.out.theirs,
        box.stderr === 2 ? this.err.theirs : 'pipe',
        'pipe',
        open(program.code),
        box.stderr !== 2 ? this.err.theirs : box.filter === undefined ? 'ignore' : open(box.filter),
        this.compiler?.out.theirs ?? 'ignore',
        this.compiler?.err.theirs ?? 'ignore',
        program.files.size === 0 ? 'ignore' : open(packTar(program.files)),
        program.fetch.length === 0 ? 'ignore' : 'pipe',
      ];
      for (const [fd, from] of box.copies) {
        if (typeof from !== 'string') stdio[fd] = open(from);
        else {
          opened.push(openSync(from, 'r'));
          stdio[fd] = opened.at(-1);
        }
      }
      for (let fd = 0; fd < stdio.length; fd += 1) stdio[fd] ??= 'ignore';
      // A session of its own: no terminal to push input into, and a Ctrl-C is the server's alone.
      const how = { cwd: '/', env: { ...box.env, ...program.env }, ...box.user, detached: true };
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
    if (this.time === undefined && this.ready()) this.arm();
    if (this.stage === 'compile' && readReport(this.control, this.program).compile === 0) {
      this.compiled = this.times();
      this.stage = 'run';
      this.began = performance.now();
      this.arm();
    }
  }

  /** How long the stage took so far, and what its CPU time tells. */
  private times(): StageTimes {
    const seconds = (performance.now() - this.began) / 1000;
    return { seconds, cpu: this.time?.facts(this.timedOut === this.stage) };
  }

  /** The limit of the stage. */
  private seconds(): number {
    const { compileTimeout, runTimeout } = this.program.limits;
    return this.stage === 'compile' ? compileTimeout : runTimeout;
  }

  private setupMs(): number {
    return Math.min(this.latestMs(), Math.max(SETUP_MS, this.seconds() * 1000));
  }

  /** Milliseconds from now. */
  private latestMs(): number {
    return this.program.limits.latest * 1000 - (performance.now() - this.spawned);
  }

  private arm(): void {
    this.disarm();
    const sample = () => {
      const first = this.first();
      return first === undefined ? undefined : sandboxCpu(first);
    };
    const time = new TimeLimit({
      limit: this.seconds() * 1000,
      latest: this.latestMs(),
      sample,
      // What the compiler used is not the program's.
      before: this.time === undefined ? undefined : sample(),
      onEnd: (end) => this.timeOver(end),
    });
    this.time = time;
    this.disarm = () => time.stop();
  }

  private timeOver(end: TimeEnd): void {
    if (end !== 'timeout') {
      this.impatient = end;
      this.kill();
      return;
    }
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
    if (first === undefined) return undefined;
    const { memory } = this.program.limits;
    const usage = sandboxUsage(first, memory);
    if (usage === undefined) return usage;
    return { ...usage, bytes: usage.bytes + this.sockets.bytes(first, memory - usage.bytes) };
  }

  /** The first process takes all others with it, and what started it ends when they are gone. */
  private kill(): void {
    const first = this.first();
    if (first !== undefined) kill([first]);
    else if (this.child.pid !== undefined) killTree(this.child.pid);
  }
}
