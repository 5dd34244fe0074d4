import { describe, expect, it } from 'vitest';
import { follow } from '../support/follow.js';
import { ended, program, start } from './run.js';

async function signalled(way: string, signal: NodeJS.Signals) {
  const child = start(program('end', way));
  const ending = ended(child);
  await follow(child).line('up');
  child.kill(signal);
  return ending;
}

describe('the first signal ends the command with its code', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('%s', async (signal, code) => {
    expect(await signalled('returns', signal)).toMatchObject({ code, stderr: 'up\n' });
    const thrown = await signalled('throws', signal);
    expect(thrown).toMatchObject({ code });
    expect(thrown.stderr).toMatch(new RegExp(`^up\nerror: stopped by ${signal}\nhint: .*\n$`));
  });
});

it('a second signal ends the process at once', async () => {
  const child = start(program('end', 'stubborn'));
  const ending = ended(child);
  const heard = follow(child).line('heard');
  await follow(child).line('up');
  child.kill('SIGINT');
  // Two signals that are pending at once are delivered as one.
  await heard;
  child.kill('SIGINT');
  expect(await ending).toMatchObject({ code: 130 });
});
