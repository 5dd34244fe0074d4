import type { RunRequest } from '../api/request.js';
import type { RunCodeResponse } from '../api/wire.js';
import { decode } from './files/decode.js';
import { resolvePath } from './prepare.js';
import type { Outcome, Program, StageEnd } from './types.js';

type CommandResult = NonNullable<RunCodeResponse['run_result']>;

/** The answer of `/run_code`, its keys in the recorded server's order. */
export function response(request: RunRequest, { folder }: Program, outcome: Outcome): RunCodeResponse {
  const compile = outcome.compile === undefined ? null : result(outcome.compile);
  const run = outcome.run === undefined ? null : result(outcome.run);
  const good = [compile, run].every((each) => each === null || each.return_code === 0);
  const files = request.fetchFiles.flatMap((path) => {
    const content = outcome.files.get(resolvePath(path, folder));
    return content === undefined ? [] : [[path, content.toString('base64')]];
  });
  return {
    ...answer(good ? 'Success' : 'Failed', ''),
    compile_result: compile,
    run_result: run,
    files: Object.fromEntries(files),
  };
}

/** The answer where no program ran. */
export function sandboxError(message: string, compile: CommandResult | null = null): RunCodeResponse {
  return { ...answer('SandboxError', message), compile_result: compile };
}

/** The answer to a request that no server could run. `reason` is the header's, where the message echoes code. */
export function requestFault(
  message: string,
  reason = message,
  compile: CommandResult | null = null,
): FaultyRequest {
  return { ...sandboxError(message, compile), sandboxctl: { fault: 'request', reason } };
}

type FaultyRequest = RunCodeResponse & { sandboxctl: { fault: 'request'; reason: string } };

/** The words in which the recorded server wraps what stopped a request. */
export function exceptionOn(code: string, words: string): string {
  return `exception on running code ${code}: ${words} None`;
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

function result(stage: StageEnd): CommandResult {
  const [stdout, stderr] = [decode(stage.stdout), decode(stage.stderr)];
  const facts = {
    ...(stage.killed === undefined ? {} : { killed: stage.killed }),
    ...(stage.stdout.dropped > 0 ? { stdout_dropped: stage.stdout.dropped } : {}),
    ...(stage.stderr.dropped > 0 ? { stderr_dropped: stage.stderr.dropped } : {}),
    ...(stdout.broken ? { stdout_base64: stage.stdout.bytes.toString('base64') } : {}),
    ...(stderr.broken ? { stderr_base64: stage.stderr.bytes.toString('base64') } : {}),
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
