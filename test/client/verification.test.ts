import { expect, test } from 'vitest';
import { clientOf, dying, good, HELLO, server } from './clients.js';
import { finished, type TestServer } from './servers.js';

/** The first attempt finds only one server. */
function first(bad: TestServer, ...more: TestServer[]) {
  let asked = 0;
  const urls = [bad, ...more].map(({ url }) => url);
  return clientOf(async () => (asked++ === 0 ? urls.slice(0, 1) : urls));
}

const FAILURES: [string, Record<string, unknown>][] = [
  ['failed', { return_code: 1, stderr: 'Traceback' }],
  ['timed out', { status: 'TimeLimitExceeded', return_code: null }],
  ['ended with SIGTERM', { return_code: -15 }],
  ['ended with SIGKILL', { return_code: -9 }],
  ['ended with 143', { return_code: 143 }],
  ['ended with 137', { return_code: 137 }],
];

test.each(FAILURES)(
  'a run that %s is not the program’s failure if its server is not healthy afterwards',
  async (_, changes) => {
    const bad = await dying((response) => void response.end(finished('so f', changes)));
    const result = await first(bad, await good('whole\n')).run(HELLO);
    expect(`${result.stdout}`).toBe('whole\n');
    expect(result.failedTries).toMatchObject([
      { url: bad.url, reason: expect.stringMatching(/^unverified: /) },
    ]);
  },
);

test.each(FAILURES)(
  'a run that %s is the program’s failure if its server is healthy afterwards, and ran once',
  async (_, changes) => {
    const one = await server((response) => void response.end(finished('', changes)));
    const result = await clientOf(one.url).run({ ...HELLO, run_timeout: 0 });
    expect(result).toMatchObject({ code: changes.return_code, failedTries: [] });
    expect([one.requests.length, one.checks]).toEqual([1, 1]);
  },
);

test('a compiler that was killed with its server is not the program’s failure', async () => {
  const compiled = { status: 'Finished', execution_time: 0.1, return_code: -15, stdout: '', stderr: '' };
  const body = JSON.parse(finished('')) as Record<string, unknown>;
  const answer = { ...body, status: 'Failed', run_result: null, compile_result: compiled };
  const bad = await dying((response) => void response.end(JSON.stringify(answer)));
  const result = await first(bad, await good('whole\n')).run(HELLO);
  expect(`${result.stdout}`).toBe('whole\n');
});

test('what a gateway has verified is not verified again', async () => {
  const one = await dying((response) => {
    response.setHeader('x-sandboxctl-verified', 'failures').end(finished('', { return_code: 1 }));
  });
  expect(await clientOf(one.url).run(HELLO)).toMatchObject({ code: 1, failedTries: [] });
  expect(one.checks).toBe(0);
});
