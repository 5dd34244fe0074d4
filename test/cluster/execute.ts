import { type ChildProcess, spawn } from 'node:child_process';

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface ExecuteOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** All of stdin; without it `start` leaves stdin open, `execute` closes it. */
  input?: string | Buffer;
  /** Milliseconds, after which the whole process group gets SIGKILL; no limit by default. */
  timeoutMs?: number | undefined;
}

/** A child in a process group of its own: `process.kill(-child.pid, signal)` reaches all of it. */
export function start(argv: readonly string[], options: ExecuteOptions = {}): ChildProcess {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd ?? '/',
    env: options.env ?? process.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that does not read its input closes the pipe: no concern of ours.
  child.stdin.on('error', () => {});
  if (options.input !== undefined) child.stdin.end(options.input);
  return child;
}

/** Runs to the end, whatever the exit code; rejects only where nothing could be started. */
export function execute(argv: readonly string[], options: ExecuteOptions = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = start(argv, { input: '', ...options });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    const timer = setTimeout(() => killGroup(child), options.timeoutMs ?? 2 ** 31 - 1);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout: `${Buffer.concat(out)}`, stderr: `${Buffer.concat(err)}` });
    });
  });
}

/** Like execute, but a code other than 0 is an error that carries the tool's own words. */
export async function must(argv: readonly string[], options: ExecuteOptions = {}): Promise<string> {
  const result = await execute(argv, options);
  if (result.code !== 0) {
    const end = result.signal ?? `exit ${result.code}`;
    throw new Error(`${argv.join(' ')}: ${end}\n${result.stderr}${result.stdout}`);
  }
  return result.stdout;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
