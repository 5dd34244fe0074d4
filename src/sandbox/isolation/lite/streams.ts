import type { PipeSource } from '../../stdio/pipe-source.js';
import { InputPipe, OutputPipe, type Owner } from '../../stdio/program-pipes.js';
import type { Output, Program } from '../../types.js';

export interface StageOutput {
  stdout: Output;
  stderr: Output;
}

interface OutputPair {
  out: OutputPipe;
  err: OutputPipe;
}

export class RunStreams {
  readonly input: InputPipe | undefined;
  readonly run: OutputPair;
  readonly compiler: OutputPair | undefined;

  /** `pipes`: the reading ends of empty ones, as many as `pipesOf` says. `cap`: bytes of each stream that are kept. */
  constructor(program: Program, pipes: number[], cap: number, owner: Owner) {
    const pipe = () => pipes.pop() as number;
    const pair = () => ({ out: new OutputPipe(pipe(), cap, owner), err: new OutputPipe(pipe(), cap, owner) });
    this.run = pair();
    if (program.compile !== undefined) this.compiler = pair();
    if (program.stdin) this.input = new InputPipe(pipe(), program.stdin, owner);
  }

  /** The program's ends; close them as soon as it is spawned. */
  get theirs(): number[] {
    const { input, run, compiler } = this;
    const all = [input, run.out, run.err, compiler?.out, compiler?.err];
    return all.flatMap((each) => (each === undefined ? [] : [each.theirs]));
  }

  /** Starts to read, so that the program never waits for room in a pipe. */
  watch(): void {
    for (const pair of [this.run, this.compiler]) {
      void pair?.out.watch();
      void pair?.err.watch();
    }
  }

  /** Call when the run is over. Returns the output of each stage. */
  finish(): { run: StageOutput; compile: StageOutput | undefined } {
    this.input?.close();
    return { run: finished(this.run), compile: this.compiler && finished(this.compiler) };
  }
}

/** Takes as many pipes as a program has streams. Rejects with SandboxFailure. */
export function pipesFor(program: Program, source: PipeSource): Promise<number[]> {
  return source.take(2 + (program.stdin ? 1 : 0) + (program.compile === undefined ? 0 : 2));
}

function finished({ out, err }: OutputPair): StageOutput {
  return { stdout: out.finish(), stderr: err.finish() };
}
