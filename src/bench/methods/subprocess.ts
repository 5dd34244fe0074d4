import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '../../api/outcome.js';
import { messageOf } from '../../errors.js';
import type { Problem, TestCase } from '../problem.js';
import { type Attempt, judgeRun } from '../verdict.js';
import { commandsOf, type Tools, withMemoryLimit } from './command.js';
import { COMPILE_TIMEOUT_S, type Method, sandboxFailure } from './method.js';
import { type Spawned, spawnProgram } from './spawn.js';

export interface SubprocessOptions {
  tools: Tools;
  /** For the programs: each gets a folder of its own in it. */
  folder: string;
  env: NodeJS.ProcessEnv;
  cores: number;
}

/** The baseline: each program is a plain child of this process, with a time limit and without any isolation. */
export function subprocessMethod({ tools, folder, env, cores }: SubprocessOptions): Method {
  let count = 0;
  return {
    name: 'subprocess',
    about: 'plain child processes, no isolation',
    isolated: false,
    cores,
    root: 'children',
    async run(problem, testCase, signal) {
      const own = join(folder, String(count++));
      await mkdir(own);
      try {
        return await runIn(own, { problem, testCase, tools, env, signal });
      } finally {
        await rm(own, { recursive: true, force: true });
      }
    },
    close: async () => undefined,
  };
}

interface Work {
  problem: Problem;
  testCase: TestCase;
  tools: Tools;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

async function runIn(cwd: string, { problem, testCase, tools, env, signal }: Work): Promise<Attempt> {
  const commands = commandsOf(problem.language, tools);
  if (commands === undefined) return sandboxFailure(`no tools for ${problem.language} here`);
  const { file, compile, run } = commands;
  await writeFile(join(cwd, file), problem.code);
  const stage = (argv: readonly string[], seconds: number, stdin: string | null) =>
    spawnProgram(
      argv.map((word) => word.replace('{file}', file)),
      { cwd, env, stdin, timeoutMs: seconds * 1000, signal },
    );
  const judged = (name: Outcome['stage'], ended: Spawned, limit: number) => ({
    ...judgeRun(testCase, outcomeOf(name, ended), ended.cpu, limit),
    retries: 0,
  });
  try {
    if (compile !== undefined) {
      const compiled = await stage(compile, COMPILE_TIMEOUT_S, null);
      if (compiled.code !== 0) return judged('compile', compiled, COMPILE_TIMEOUT_S);
    }
    const { runTimeout, memoryLimitMB } = problem;
    const ended = await stage(withMemoryLimit(run, memoryLimitMB), runTimeout, testCase.stdin);
    return judged('run', ended, runTimeout);
  } catch (error) {
    signal.throwIfAborted();
    return sandboxFailure(messageOf(error));
  }
}

function outcomeOf(stage: Outcome['stage'], { code, stdout, stderr }: Spawned): Outcome {
  return {
    stage,
    code,
    timedOut: code === null,
    killed: null,
    stdout,
    stderr,
    dropped: { stdout: 0, stderr: 0 },
    seconds: null,
  };
}
