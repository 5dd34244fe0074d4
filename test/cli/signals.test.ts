import { describe, expect, it } from 'vitest';
import { ended, program, said, start } from './run.js';

async function signalled(way: string, ...signals: NodeJS.Signals[]) {
  const child = start(program('end', way));
  const ending = ended(child);
  await said(child, 'up');
  const began = performance.now();
  for (const signal of signals) {
    child.kill(signal);
    // Two signals that are pending at once are delivered as one.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { ...(await ending), ms: performance.now() - began };
}

describe('the first signal ends the command, with the code of the signal', () => {
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

it('the second ends the process at once', async () => {
  const { code, ms } = await signalled('stubborn', 'SIGINT', 'SIGINT');
  expect(code).toBe(130);
  expect(ms).toBeLessThan(5_000);
});
