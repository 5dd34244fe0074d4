import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Ended, follow } from '../support/follow.js';

export interface Program {
  pid: number;
  /** Waits for a line. */
  line(wanted: string | RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Sends a line to its stdin. */
  tell(): void;
  ended: Promise<Ended>;
}

/** Starts a program of this folder's `programs`; it is gone when the test ends. */
export function startProgram(name: string, args: readonly string[]): Program {
  const file = fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  const { ended, line } = follow(child);
  return {
    pid: pidOf(child),
    line: (wanted) => line(typeof wanted === 'string' ? new RegExp(`^${wanted}$`) : wanted, 'stdout'),
    signal: (signal) => void child.kill(signal),
    tell: () => void child.stdin.write('\n'),
    ended,
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('it was not started');
  return child.pid;
}
