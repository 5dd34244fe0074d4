import { firstWords } from '../../../errors.js';
import { unpackTar } from '../../files/tar.js';
import type { CpuFacts } from '../../limits/cpu/time-limit.js';
import {
  type Excess,
  NotBegun,
  type Outcome,
  type Output,
  type Program,
  RequestFault,
  SandboxFailure,
  type StageEnd,
} from '../../types.js';
import { readReport } from './report.js';

export type Stage = 'compile' | 'run';

export interface StageTimes {
  seconds: number;
  cpu: CpuFacts | undefined;
}

interface Streams extends StageTimes {
  stdout: Output;
  stderr: Output;
}

export interface RunArtifacts {
  program: Program;
  failure: Error | undefined;
  control: string;
  /** Error output of the tools that start the sandbox. */
  complaints: string;
  timedOut: Stage | undefined;
  excess: Excess | undefined;
  run: Streams;
  compile: Streams | undefined;
  fetched: Output | undefined;
}

const SIGKILL = 9;

/** Errors of the driver's shell and tar that are not about the paths or sizes of the files. */
const OF_THE_MACHINE = /not found|Cannot allocate memory|Too many open files|Input\/output error|Cannot fork/;

function filesRefused(complaint: string): Error {
  const words = `cannot write the files: ${complaint}`;
  return OF_THE_MACHINE.test(complaint) ? new SandboxFailure(words) : new RequestFault(words);
}

/** How a run ended. Throws SandboxFailure or RequestFault if it did not start. */
export function outcomeOf(remains: RunArtifacts): Outcome {
  const { program, failure, control, complaints, timedOut, excess, run, compile, fetched } = remains;
  if (failure !== undefined) throw new SandboxFailure(failure.message);
  const report = readReport(control, program);
  if (!report.ready && timedOut === undefined && excess === undefined) {
    const words = firstWords(complaints) || firstWords(run.stderr.bytes.toString()) || report.complaints[0];
    throw new NotBegun(words ?? 'the sandbox ended before its program began');
  }
  if (report.filesRefused) throw filesRefused(report.complaints[0] ?? '');
  const [tool = ''] = program.run;
  // The compiler's product may not be executable, but a tool must be. Without an end there was no process for either.
  if (report.notStarted && (tool.startsWith('/') || report.run === undefined))
    throw new SandboxFailure(`${tool} cannot be started`);
  const end = (stage: Stage, { cpu, ...rest }: Streams): StageEnd => {
    const streams = { ...rest, ...(cpu && { cpu }) };
    if (timedOut === stage) return { ...streams, code: null, ...(excess && { killed: excess }) };
    // If the driver itself was killed, there is no report.
    const code = report[stage] ?? -SIGKILL;
    if (excess === undefined || (stage === 'compile' && code === 0)) return { ...streams, code };
    // If one of several processes was killed, the others may have ended in any way.
    return { ...streams, code: -SIGKILL, killed: excess };
  };
  const wanted = new Set(program.fetch);
  const archived = fetched === undefined ? [] : [...unpackTar(fetched.bytes)];
  const files = new Map(archived.filter(([path]) => wanted.has(path)));
  const fetch = { files, ...(fetched && fetched.dropped > 0 && { filesDropped: fetched.dropped }) };
  if (compile === undefined) return { run: end('run', run), ...fetch };
  const compiled = end('compile', compile);
  if (compiled.code !== 0) return { compile: compiled, ...fetch };
  return { compile: compiled, run: end('run', run), ...fetch };
}
