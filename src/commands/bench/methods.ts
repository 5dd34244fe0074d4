import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedMethod } from '../../bench/methods/embedded.js';
import { type Method, sandboxFailure } from '../../bench/methods/method.js';
import { subprocessMethod } from '../../bench/methods/subprocess.js';
import type { Problem } from '../../bench/problem.js';
import { SandboxctlError } from '../../errors.js';
import type { Context } from '../context.js';
import type { MethodName, Options } from './options.js';
import type { FoundTools } from './tools.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/sandboxctl.js', import.meta.url));

export interface MethodsOptions extends Options {
  cores: number;
  tools: FoundTools;
  /** For what plain subprocesses write. */
  folder: string;
}

/** A first run, which is not measured: it starts whatever is started once. */
const FIRST: Problem = {
  id: 'first',
  line: null,
  language: 'python',
  code: 'print("ready")',
  cases: [],
  runTimeout: 30,
  memoryLimitMB: null,
  label: null,
};

/** Adds the methods to `opened` one by one, so that also those of a start that failed are closed. */
export async function openMethods(
  context: Context,
  options: MethodsOptions,
  opened: Method[],
): Promise<void> {
  for (const name of options.methods) {
    const method = await open(context, name, options);
    opened.push(method);
    const { verdict, detail } = await method
      .run(FIRST, { stdin: null, expected: 'ready' }, context.signal)
      .catch((error) => {
        context.signal.throwIfAborted();
        return sandboxFailure(String(error));
      });
    if (verdict !== 'accepted') throw notWorking(name, `${verdict}: ${detail}`);
  }
}

async function open(context: Context, name: MethodName, options: MethodsOptions): Promise<Method> {
  const { tools, folder, cores, concurrency } = options;
  const { PATH = '', HOME = '/' } = context.env;
  if (name === 'subprocess') {
    const env = { PATH, HOME: folder, LANG: 'C.UTF-8' };
    return subprocessMethod({ tools, folder, env, cores });
  }
  // The same Python first, and nothing of the user's configuration.
  const path = tools.python === null ? PATH : `${dirname(tools.python)}:${PATH}`;
  return embeddedMethod({
    name,
    command: [process.execPath, PROGRAM],
    flags: ['--isolation', name, '--max-concurrency', String(concurrency), '--config', '/dev/null'],
    isolated: name !== 'none',
    env: { PATH: path, HOME, LANG: 'C.UTF-8' },
    cores,
    signal: context.signal,
  });
}

function notWorking(name: string, detail: string): SandboxctlError {
  return new SandboxctlError('tool', {
    what: `method ${name} does not run the shortest Python program`,
    detail,
    hint: '--method selects other methods; plain subprocesses need python3 on PATH',
  });
}
