import { kill, treeOf } from '../../process/tree.js';
import { PipeReader } from '../../stdio/pipe-reader.js';
import { InputWriter, OutputReader } from '../../stdio/program-pipes.js';
import type { Output, Program } from '../../types.js';
import type { OnText, SandboxProcess } from '../lite/sandbox-process.js';
import type { StageOutput } from '../lite/streams.js';
import type { Slot } from './slot.js';
import type { Zygote } from './zygote.js';

/** The pipes of a program in a slot. */
export class SlotStreams {
  private readonly input: InputWriter;
  private readonly out: OutputReader;
  private readonly err: OutputReader;

  /** `cap`: bytes of each stream that are kept. */
  constructor({ stdin, stdout, stderr }: Slot, program: Program, cap: number) {
    this.out = new OutputReader(stdout, cap);
    this.err = new OutputReader(stderr, cap);
    this.input = new InputWriter(stdin, program.stdin ?? '');
  }

  watch(): void {
    void this.out.watch();
    void this.err.watch();
  }

  finish(): { run: StageOutput; compile: undefined } {
    this.input.close();
    return { run: { stdout: this.out.finish(), stderr: this.err.finish() }, compile: undefined };
  }
}

/** A sandbox that a zygote forked. */
export class WarmSandbox implements SandboxProcess {
  readonly ended: Promise<Error | undefined>;
  readonly complaints = '';
  readonly fetched: Output | undefined;
  private readonly zygote: Zygote;
  private readonly slot: Slot;
  private readonly job: InputWriter;
  private readonly control: PipeReader;
  private isOver = false;
  private host: number | undefined;

  /** `job`: what the slot reads. */
  constructor(zygote: Zygote, slot: Slot, job: Buffer, onText: OnText) {
    this.zygote = zygote;
    this.slot = slot;
    this.control = new PipeReader(slot.control, (chunk) => onText(chunk.toString('latin1')));
    const over = Promise.race([zygote.endOf(slot).then(() => undefined), zygote.gone]);
    this.ended = over.then((failure) => {
      this.isOver = true;
      this.job.close();
      this.control.finish();
      return failure;
    });
    this.job = new InputWriter(slot.job, job);
  }

  watch(): void {
    if (!this.isOver) void this.control.watch();
  }

  first(): number | undefined {
    if (this.isOver) return undefined;
    this.host ??= this.zygote.pidOf(this.slot.pid);
    return this.host;
  }

  networkOwner(): number {
    return this.zygote.host;
  }

  tree(): readonly number[] {
    const first = this.first();
    if (first === undefined) return [];
    const program = this.zygote.pidOf(this.slot.program);
    // What it left behind belongs to the first process.
    return [first, ...(program === undefined ? [] : [program])].flatMap(treeOf);
  }

  kill(): void {
    const first = this.first();
    if (first !== undefined) kill([first]);
    else this.zygote.kill(this.slot);
  }
}
