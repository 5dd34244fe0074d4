import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Program {
  pid: number;
  /** Lines that it printed so far. */
  lines: string[];
  /** Waits for a line. */
  line(wanted: string | RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Sends a line to its stdin. */
  tell(): void;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts a program of this folder's `programs`; it is gone when the test ends. */
export function startProgram(name: string, args: readonly string[]): Program {
  const file = fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return {
    pid: pidOf(child),
    lines,
    line: (wanted) => lineOf(child, lines, wanted),
    signal: (signal) => void child.kill(signal),
    tell: () => void child.stdin.write('\n'),
    ended,
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('it was not started');
  return child.pid;
}

function lineOf(child: ChildProcess, lines: string[], wanted: string | RegExp): Promise<string> {
  const find = () => lines.find((line) => (typeof wanted === 'string' ? line === wanted : wanted.test(line)));
  return new Promise((resolve, reject) => {
    const look = () => {
      const line = find();
      if (line !== undefined) resolve(line);
    };
    look();
    child.stdout?.on('data', look);
    child.once('close', () => reject(new Error(`it ended without ${wanted}:\n${lines.join('\n')}`)));
  });
}
