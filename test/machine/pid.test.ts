import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isRunning } from '../../src/machine/pid.js';

test('a process is running until it has ended, whoever it belongs to', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  expect([pid, process.pid, 1].map(isRunning)).toEqual([true, true, true]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(pid)).toBe(false);
});
