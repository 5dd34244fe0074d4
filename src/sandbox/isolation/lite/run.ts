import { constants } from 'node:os';
import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import { SocketGauge } from '../../limits/sockets.js';
import { sandboxUsage } from '../../limits/usage.js';
import { type Usage, Watch, type Watched } from '../../limits/watch.js';
import { childrenOf, kill } from '../../process/tree.js';
import { type Excess, type Outcome, type Program, SandboxFailure } from '../../types.js';
import type { SandboxLauncher } from './launcher.js';
import { outcomeOf } from './outcome.js';
import type { OnText, SandboxProcess } from './sandbox-process.js';
import { SpawnedSandbox } from './spawned-sandbox.js';
import { Stages } from './stages.js';
import { pipesFor, RunStreams } from './streams.js';

/** Milliseconds from a program's end until its files have arrived. */
const FETCH_MS = 10_000;

/** Runs one program in a sandbox of its own. */
export async function runInSandbox(
  box: SandboxLauncher,
  program: Program,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const words = await box.words(program);
  const pipes = await pipesFor(program, box.pipes);
  const streams = new RunStreams(program, pipes, box.outputCap, box.user);
  const start = (onText: OnText) => new SpawnedSandbox(box, program, words, streams, onText);
  return new LiteRun({ program, groups: box.groups, streams, start }).end(signal);
}

export interface LiteRunOptions {
  program: Program;
  groups: RunGroups | undefined;
  born?: Watched['born'];
  streams: Pick<RunStreams, 'finish' | 'watch'>;
  start(onText: OnText): SandboxProcess;
  /** Milliseconds without watchers and timers: a run that ends sooner does without them. */
  unwatchedMs?: number;
}

/** Milliseconds. Runs with a shorter time limit are watched from the start. */
const SHORT_LIMIT_MS = 1000;

export class LiteRun {
  private readonly program: Program;
  private readonly streams: LiteRunOptions['streams'];
  private readonly sandbox: SandboxProcess;
  private readonly stages: Stages;
  private readonly watch: Watch;
  private readonly sockets = new SocketGauge();
  private excess: Excess | undefined;
  private starved: string | undefined;

  private readonly later: NodeJS.Timeout | undefined;

  constructor({ program, groups, born, streams, start, unwatchedMs = 0 }: LiteRunOptions) {
    this.program = program;
    this.streams = streams;
    this.stages = new Stages({
      program,
      first: () => this.sandbox.first(),
      onTimeout: () => this.timeOver(),
      kill: () => this.sandbox.kill(),
    });
    try {
      this.sandbox = start((text) => this.stages.onText(text));
    } catch (error) {
      // Nobody reads them, so nobody else would close them.
      streams.finish();
      throw error;
    }
    this.watch = new Watch({
      usage: () => this.held(),
      tree: () => this.sandbox.tree(),
      memory: program.limits.memory,
      groups,
      born,
      exceeded: (excess) => {
        this.excess ??= excess;
        this.sandbox.kill();
      },
      starved: (words) => {
        this.starved = words;
        this.sandbox.kill();
      },
    });
    const { runTimeout, latest } = program.limits;
    if (unwatchedMs > 0 && Math.min(runTimeout, latest) * 1000 >= SHORT_LIMIT_MS)
      this.later = setTimeout(() => this.beginWatch(), unwatchedMs);
    else this.beginWatch();
  }

  private beginWatch(): void {
    this.streams.watch();
    this.sandbox.watch?.();
    this.watch.start();
    this.stages.start();
  }

  async end(signal: AbortSignal): Promise<Outcome> {
    const cancel = () => this.sandbox.kill();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    let failure: Error | undefined;
    try {
      failure = await this.sandbox.ended;
    } finally {
      clearTimeout(this.later);
      this.stages.stop();
      const { excess, starved } = this.watch.end();
      this.excess ??= excess;
      if (starved !== undefined) this.starved = starved;
      signal.removeEventListener('abort', cancel);
    }
    const taken = this.stages.taken();
    const { run, compile } = this.streams.finish();
    signal.throwIfAborted();
    if (this.starved !== undefined && this.excess === undefined) throw new SandboxFailure(this.starved);
    this.stages.throwIfClientTimedOut();
    const outcome = outcomeOf({
      program: this.program,
      failure,
      control: this.stages.control,
      complaints: this.sandbox.complaints,
      timedOut: this.stages.timedOut,
      excess: this.excess,
      run: { ...taken.run, ...run },
      compile: compile && { ...taken.compile, ...compile },
      fetched: this.sandbox.fetched,
    });
    const last = outcome.run ?? outcome.compile;
    const starved =
      last?.code === -constants.signals.SIGKILL && !last.killed && this.watch.starvedMeanwhile();
    if (starved) throw new SandboxFailure(starved);
    return outcome;
  }

  private timeOver(): void {
    const first = this.stages.ready() ? this.sandbox.first() : undefined;
    if (this.program.fetch.length === 0 || first === undefined) {
      this.sandbox.kill();
      return;
    }
    // When its child has ended, the driver kills all others and sends the files.
    kill(childrenOf(first));
    this.stages.wait(FETCH_MS);
  }

  private held(): Usage | undefined {
    // Before the driver runs, its process still has the host's /tmp and /proc, which would be measured instead.
    const first = this.stages.ready() ? this.sandbox.first() : undefined;
    if (first === undefined) return undefined;
    const { memory } = this.program.limits;
    const usage = sandboxUsage(first, memory);
    if (usage === undefined) return usage;
    const network = { of: first, owner: this.sandbox.networkOwner?.() ?? first };
    return { ...usage, bytes: usage.bytes + this.sockets.bytes(network, memory - usage.bytes) };
  }
}
