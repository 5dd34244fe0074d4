import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { Collector } from './collector.js';
import { childrenOf, kill } from './tree.js';
import { type Isolation, type Outcome, type Program, SandboxFailure, type StageEnd } from './types.js';

export interface NoneSetup {
  env: Readonly<Record<string, string>>;
  /** Bytes of each stream that are kept. */
  outputCap: number;
}

/** Runs programs as this server's user, with all that this user may do. */
export function noIsolation(setup: NoneSetup): Isolation {
  return async (program, signal) => {
    await mkdir(program.folder, { mode: 0o700 });
    try {
      await writeFile(program.file, program.code);
      return await stages(setup, program, signal);
    } finally {
      await rm(program.folder, { recursive: true, force: true });
    }
  };
}

async function stages(setup: NoneSetup, program: Program, signal: AbortSignal): Promise<Outcome> {
  const { compileTimeout, runTimeout } = program.limits;
  const files = new Map<string, Buffer>();
  const at = { ...setup, folder: program.folder, signal };
  const compile = program.compile && (await runStage(at, program.compile, null, compileTimeout));
  if (compile !== undefined && compile.code !== 0) return { compile, files };
  const run = await runStage(at, program.run, program.stdin, runTimeout);
  return { ...(compile === undefined ? {} : { compile }), run, files };
}

interface Place extends NoneSetup {
  folder: string;
  signal: AbortSignal;
}

async function runStage(
  { env, outputCap, folder, signal }: Place,
  [file = '', ...args]: readonly string[],
  stdin: string | null,
  timeout: number,
): Promise<StageEnd> {
  signal.throwIfAborted();
  const began = performance.now();
  const child = spawn(file, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: [stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [new Collector(outputCap), new Collector(outputCap)];
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdin?.on('error', () => undefined).end(stdin);
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      killTree(child);
    },
    Math.min(timeout * 1000, 2 ** 31 - 1),
  );
  const cancel = () => killTree(child);
  signal.addEventListener('abort', cancel);
  try {
    const code = await ended(child);
    signal.throwIfAborted();
    const seconds = (performance.now() - began) / 1000;
    const ends = { seconds, stdout: stdout.output(), stderr: stderr.output(), memoryKill: false };
    return { code: timedOut ? null : code, ...ends };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

/** The exit code; negative for a signal. What the program left behind ends with it. */
function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let result = 0;
    child.on('error', (error) => reject(new SandboxFailure(error.message)));
    child.on('exit', (code, signal) => {
      result = code ?? -constants.signals[signal ?? 'SIGKILL'];
      killTree(child);
    });
    child.on('close', () => resolve(result));
  });
}

/** The program's process group, and what descends from it in groups of its own. */
function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  for (const each of childrenOf(pid)) kill(each);
  kill(-pid);
}
