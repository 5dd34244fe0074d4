import { expect, it } from 'vitest';
import { run } from '../../src/process/run.js';
import { sleepers, uniqueSleep } from '../e2e/serve/sleepers.js';

const env = { PATH: process.env.PATH };

/** Ends what is left, long before it would end by itself. */
function endLeft(sleep: string): number {
  const left = sleepers(sleep);
  for (const pid of left) process.kill(Number(pid));
  return left.length;
}

it('a program left in the background does not hold up the command that waits for the tool', async () => {
  const sleep = uniqueSleep();
  const left = await run(
    [
      'bash',
      '-c',
      `setsid sleep ${sleep} & until [ "$(ps -o comm= $!)" = sleep ]; do :; done; echo done; exit 3`,
    ],
    { env, lingerMs: 100 },
  );
  expect([left.code, left.stdout]).toEqual([3, 'done\n']);
  expect(endLeft(sleep)).toBe(1);
});

it('a tool whose time is up is left alone, also when what it started has left its group', async () => {
  const sleep = uniqueSleep();
  const ended = await run(['bash', '-c', `setsid sleep ${sleep} & sleep ${sleep}`], {
    ...{ env, timeoutMs: 100, graceMs: 100 },
  });
  expect(ended.timedOut).toBe(true);
  endLeft(sleep);
});
