import { expect, it } from 'vitest';
import { run } from '../../src/process/run.js';

const env = { PATH: process.env.PATH };

it('a program left in the background does not hold up the command that waits for the tool', async () => {
  const from = Date.now();
  const left = await run(['bash', '-c', 'echo done; setsid sleep 4 & exit 3'], { env, lingerMs: 100 });
  expect(Date.now() - from).toBeLessThan(3_000);
  expect([left.code, left.stdout]).toEqual([3, 'done\n']);
});

it('a tool whose time is up is left alone, also when what it started has left its group', async () => {
  const from = Date.now();
  const ended = await run(['bash', '-c', 'setsid sleep 6 & sleep 6'], {
    ...{ env, timeoutMs: 100, graceMs: 100 },
  });
  expect(Date.now() - from).toBeLessThan(4_000);
  expect(ended.timedOut).toBe(true);
});
