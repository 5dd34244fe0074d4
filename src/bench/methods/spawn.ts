import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { CpuShare } from '../verdict.js';

export interface SpawnOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: string | null;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Spawned {
  /** Null after a timeout; negative: the number of the signal that ended it. */
  code: number | null;
  stdout: Buffer;
  stderr: Buffer;
  /** Of a program that timed out. */
  cpu: CpuShare | null;
}

/** Bytes of each stream that are kept, as the embedded server does. */
const OUTPUT_CAP = 64 * 2 ** 20;
/** A process that left the group may keep the streams open; it is not waited for. */
const STREAMS_MS = 1_000;
/** USER_HZ of every Linux. */
const TICKS = 100;

/**
 * One program as a plain child, in a process group of its own, which is killed at the end. Rejects if it cannot be
 * started, and with the reason of `signal`.
 */
export function spawnProgram(
  [file = '', ...args]: readonly string[],
  options: SpawnOptions,
): Promise<Spawned> {
  const { cwd, env, stdin, timeoutMs, signal } = options;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let timedOut = false;
    let cpu: CpuShare | null = null;
    let streams: NodeJS.Timeout | undefined;
    for (const name of ['stdout', 'stderr'] as const) {
      let size = 0;
      child[name].on('data', (piece: Buffer) => {
        if (size < OUTPUT_CAP) kept[name].push(piece.subarray(0, OUTPUT_CAP - size));
        size += piece.length;
      });
    }
    // A program that ends without reading its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
    const timer = setTimeout(() => {
      timedOut = true;
      cpu = cpuShareOf(child.pid);
      killGroup(child.pid);
    }, timeoutMs);
    const onAbort = () => killGroup(child.pid);
    signal.addEventListener('abort', onAbort);
    const done = () => {
      clearTimeout(timer);
      clearTimeout(streams);
      signal.removeEventListener('abort', onAbort);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('exit', () => {
      killGroup(child.pid);
      streams = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, STREAMS_MS);
    });
    child.once('close', (code, name) => {
      done();
      if (signal.aborted) return reject(signal.reason);
      resolve({
        code: timedOut ? null : (code ?? -constants.signals[name ?? 'SIGKILL']),
        stdout: Buffer.concat(kept.stdout),
        stderr: Buffer.concat(kept.stderr),
        cpu,
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** CPU time of a process, and the time that it waited for a CPU, in seconds. */
function cpuShareOf(pid: number | undefined): CpuShare | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [, waited = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    // utime and stime are fields 14 and 15; two were before what was cut off.
    return { used: (Number(fields[11]) + Number(fields[12])) / TICKS, waited: Number(waited) / 1e9 };
  } catch {
    return null;
  }
}
