import { after } from '../../../node.js';
import { type CpuSample, sandboxCpu } from '../../limits/cpu/sample.js';
import { clientTimeoutReason, type TimeEnd, TimeLimit } from '../../limits/cpu/time-limit.js';
import { ClientTimedOut, type Program } from '../../types.js';
import type { Stage, StageTimes } from './outcome.js';
import { CONTROL_CAP, readReport } from './report.js';

/** Milliseconds to create a sandbox; this time does not count against the program's own limit. */
const SETUP_MS = 10_000;

export interface StagesOptions {
  program: Program;
  first(): number | undefined;
  onTimeout(): void;
  /** Ends everything: creating the sandbox took too long, or the client timed out. */
  kill(): void;
}

/** Follows the driver's reports, and enforces the timeout of each stage. */
export class Stages {
  timedOut: Stage | undefined;
  control = '';
  private readonly options: StagesOptions;
  private stage: Stage;
  private started = false;
  private readonly spawned = performance.now();
  private began = this.spawned;
  private compiled: StageTimes = { seconds: 0, cpu: undefined };
  private time: TimeLimit | undefined;
  private clientTimeout: Exclude<TimeEnd, 'timeout'> | undefined;
  private disarm = (): void => undefined;

  constructor(options: StagesOptions) {
    this.options = options;
    this.stage = options.program.compile === undefined ? 'run' : 'compile';
  }

  /** Starts to measure the stages. The sandbox may still be in creation. */
  start(): void {
    this.started = true;
    if (this.seconds() <= 0) this.timeOver('timeout');
    else {
      this.wait(this.setupMs());
      this.follow();
    }
  }

  onText(text: string): void {
    if (this.control.length < CONTROL_CAP) this.control += text;
    if (this.started) this.follow();
  }

  private follow(): void {
    if (this.time === undefined && this.ready()) this.arm();
    if (this.stage === 'compile' && readReport(this.control, this.options.program).compile === 0) {
      this.compiled = this.times();
      this.stage = 'run';
      this.began = performance.now();
      this.arm();
    }
  }

  /** Whether the driver runs, so that its sandbox is complete. */
  ready(): boolean {
    return /^R$/m.test(this.control);
  }

  /** Kills after this many milliseconds, instead of the pending timeout. */
  wait(ms: number): void {
    this.disarm();
    this.disarm = after(ms, () => this.options.kill());
  }

  /** Call when the run is over. */
  stop(): void {
    this.disarm();
  }

  taken(): Record<Stage, StageTimes> {
    const now = this.times();
    return { run: now, compile: this.stage === 'compile' ? now : this.compiled };
  }

  /** Throws ClientTimedOut if the client's timeout ended the run. */
  throwIfClientTimedOut(): void {
    if (this.clientTimeout !== undefined && this.time !== undefined)
      throw new ClientTimedOut(clientTimeoutReason(this.clientTimeout, this.seconds(), this.time));
  }

  private times(): StageTimes {
    const seconds = (performance.now() - this.began) / 1000;
    return { seconds, cpu: this.time?.facts(this.timedOut === this.stage) };
  }

  private seconds(): number {
    const { compileTimeout, runTimeout } = this.options.program.limits;
    return this.stage === 'compile' ? compileTimeout : runTimeout;
  }

  private setupMs(): number {
    return Math.min(this.latestMs(), Math.max(SETUP_MS, this.seconds() * 1000));
  }

  /** Milliseconds from now. */
  private latestMs(): number {
    return this.options.program.limits.latest * 1000 - (performance.now() - this.spawned);
  }

  private arm(): void {
    this.disarm();
    const time = new TimeLimit({
      limit: this.seconds() * 1000,
      latest: this.latestMs(),
      sample: () => this.sample(),
      // The compiler's CPU time does not count for the program.
      before: this.time === undefined ? undefined : this.sample(),
      onEnd: (end) => this.timeOver(end),
    });
    this.time = time;
    this.disarm = () => time.stop();
  }

  private sample(): CpuSample | undefined {
    const first = this.options.first();
    return first === undefined ? undefined : sandboxCpu(first);
  }

  private timeOver(end: TimeEnd): void {
    if (end === 'timeout') {
      this.timedOut = this.stage;
      this.options.onTimeout();
    } else {
      this.clientTimeout = end;
      this.options.kill();
    }
  }
}
