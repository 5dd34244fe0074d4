import type { RunCodeResponse } from '../api/wire.js';
import { decode } from './decode.js';
import type { Outcome, StageEnd } from './types.js';

type CommandResult = NonNullable<RunCodeResponse['run_result']>;

/** The answer of `/run_code`, its keys in the recorded server's order. */
export function response(outcome: Outcome): RunCodeResponse {
  const compile = outcome.compile === undefined ? null : result(outcome.compile);
  const run = outcome.run === undefined ? null : result(outcome.run);
  const good = [compile, run].every((each) => each === null || each.return_code === 0);
  return {
    status: good ? 'Success' : 'Failed',
    message: '',
    compile_result: compile,
    run_result: run,
    executor_pod_name: process.env.MY_POD_NAME ?? null,
    files: Object.fromEntries([...outcome.files].map(([path, bytes]) => [path, bytes.toString('base64')])),
  };
}

export function sandboxError(message: string): RunCodeResponse {
  return {
    status: 'SandboxError',
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
    ...(stage.memoryKill ? { memory_kill: true } : {}),
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
