import type { Pause } from '../api/large-json.js';
import type { RunRequest } from '../api/request.js';
import { extrasOf, MAX_ANSWER, type RunCodeResponse } from '../api/wire.js';
import { decode } from './files/decode.js';
import { resolvePath } from './files/resolve-path.js';
import { PATHS, tooLong } from './prepare.js';
import type { Outcome, Program, StageEnd } from './types.js';

type CommandResult = NonNullable<RunCodeResponse['run_result']>;

export interface ResponseOptions {
  outputCap: number;
  pause: Pause;
}

/** The answer of `/run_code`, with its keys in SandboxFusion's order. */
export async function response(
  request: RunRequest,
  { folder }: Program,
  outcome: Outcome,
  { outputCap, pause }: ResponseOptions,
): Promise<RunCodeResponse> {
  const cap = Math.min(outputCap, STREAM_CAP);
  const compile = outcome.compile === undefined ? null : await result(outcome.compile, cap, pause);
  const run = outcome.run === undefined ? null : await result(outcome.run, cap, pause);
  const good = [compile, run].every((each) => each === null || each.return_code === 0);
  const outputs = outputBytes(compile, cap) + outputBytes(run, cap);
  const { files, dropped } = await filesOf(request, folder, outcome, { outputs, pause });
  return {
    ...answer(good ? 'Success' : 'Failed', ''),
    compile_result: compile,
    run_result: run,
    files,
    ...(dropped > 0 ? { sandboxctl: { files_dropped: dropped } } : {}),
  };
}

/** Most bytes of an answer's other fields, besides outputs and files. */
const REST = 2 ** 20;
/** For each of a run's four streams, which JSON at most doubles; the rest is for its files. */
const STREAM_CAP = (MAX_ANSWER - REST) / 8;
const LONGEST_ESCAPE = 6;
const LONG_FILE = 2 ** 18;

/** The same file may be requested by several paths. `dropped`: bytes of files that do not fit. */
async function filesOf(
  { fetchFiles }: RunRequest,
  folder: string,
  outcome: Outcome,
  { outputs, pause }: { outputs: number; pause: Pause },
) {
  let room = MAX_ANSWER - REST - outputs;
  let dropped = outcome.filesDropped ?? 0;
  const found = new Map<string, string | Buffer>();
  for (const [index, path] of fetchFiles.entries()) {
    if (index % PATHS === PATHS - 1) await pause();
    const content = tooLong(path) ? undefined : outcome.files.get(resolvePath(path, folder));
    if (content === undefined) continue;
    const size = Math.ceil(content.length / 3) * 4 + path.length * LONGEST_ESCAPE;
    if (size > room) {
      dropped += content.length;
      continue;
    }
    room -= size;
    found.set(path, content.length > LONG_FILE ? content : content.toString('base64'));
  }
  return { files: Object.fromEntries(found) as Record<string, string>, dropped };
}

function outputBytes(result: CommandResult | null, cap: number): number {
  const { stdout_base64 = '', stderr_base64 = '' } = extrasOf(result);
  const texts = [result?.stdout ?? '', result?.stderr ?? '', stdout_base64, stderr_base64];
  return texts.reduce((sum, { length }) => sum + Math.min(2 * cap, length * LONGEST_ESCAPE), 0);
}

export function sandboxError(message: string, compile: CommandResult | null = null): RunCodeResponse {
  return { ...answer('SandboxError', message), compile_result: compile };
}

/** `reason` is for the header, since the message echoes code. */
export function requestFault(
  message: string,
  reason = message,
  compile: CommandResult | null = null,
): FaultyRequest {
  return { ...sandboxError(message, compile), sandboxctl: { fault: 'request', reason } };
}

type FaultyRequest = RunCodeResponse & { sandboxctl: { fault: 'request'; reason: string } };

const ECHOED_CODE = 65_536;

/** SandboxFusion's message for an error of a request. */
export function exceptionOn(code: string, words: string): string {
  const echoed = code.length <= ECHOED_CODE ? code : `${code.slice(0, ECHOED_CODE)}... (cut)`;
  return `exception on running code ${echoed}: ${words} None`;
}

function answer(status: RunCodeResponse['status'], message: string): RunCodeResponse {
  return {
    status,
    message,
    compile_result: null,
    run_result: null,
    executor_pod_name: process.env.MY_POD_NAME ?? null,
    files: {},
  };
}

async function result(stage: StageEnd, cap: number, pause: Pause): Promise<CommandResult> {
  const stdout = await decode(stage.stdout, cap, pause);
  const stderr = await decode(stage.stderr, cap, pause);
  const facts = {
    ...(stage.killed === undefined ? {} : { killed: stage.killed }),
    ...(stage.cpu === undefined
      ? {}
      : { cpu_seconds: rounded(stage.cpu.used), cpu_wait_seconds: rounded(stage.cpu.waited) }),
    ...(stdout.dropped > 0 ? { stdout_dropped: stdout.dropped } : {}),
    ...(stderr.dropped > 0 ? { stderr_dropped: stderr.dropped } : {}),
    ...(stdout.broken && { stdout_base64: stdout.broken.toString('base64') }),
    ...(stderr.broken && { stderr_base64: stderr.broken.toString('base64') }),
  };
  return {
    status: stage.code === null ? 'TimeLimitExceeded' : 'Finished',
    execution_time: stage.seconds,
    return_code: stage.code,
    stdout: stdout.text,
    stderr: stderr.text,
    ...(Object.keys(facts).length > 0 ? { sandboxctl: facts } : {}),
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
