import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { hasEnded, isRunning } from '../../src/machine/pid.js';

test('a process is running until it has ended, whoever it belongs to', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  expect([pid, process.pid, 1].map(isRunning)).toEqual([true, true, true]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(pid)).toBe(false);
});

test.each([
  ['runs', 'R', 0x400000, false],
  ['sleeps, and is named as if it had ended', 'S', 0x40404000, false],
  ['is ending, its files closed and its parent not told', 'R', 0x400004, true],
  ['waits for its parent', 'Z', 0x400004, true],
])('a process that %s', (_, state, flags, ended) => {
  expect(hasEnded(`17 (a) Z 1 (b) ${state} 1 17 17 0 -1 ${flags} 2176 0 0 0 4 0\n`)).toBe(ended);
});
