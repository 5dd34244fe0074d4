import { expect, test } from 'vitest';
import { SandboxInfraError, SandboxRequestError } from '../../src/client/index.js';
import { clientOf, dying, good, HELLO, server } from './clients.js';
import { type answering, finished, SANDBOX_ERROR } from './servers.js';

test.each<[string, Parameters<typeof answering>[0]]>([
  ['a SandboxError', (response) => void response.end(SANDBOX_ERROR)],
  ['504', (response) => void response.writeHead(504).end('{}')],
  ['500', (response) => void response.writeHead(500).end('Internal Server Error')],
  [
    'the header',
    (response) => void response.setHeader('x-sandboxctl-infra-error', 'full').end(finished('x')),
  ],
  ['a page of somebody else', (response) => void response.end('<html>')],
  ['a connection that breaks', (response) => void response.destroy()],
])('an infra failure is retried on another endpoint: %s', async (_, answer) => {
  const bad = await server(answer);
  const other = await good('x');
  const client = clientOf([bad.url, other.url]);
  // Which of them is first is left to chance.
  const results = [await client.run(HELLO), await client.run(HELLO)];
  expect(results.map(({ url }) => url)).toEqual([other.url, other.url]);
  expect(results.flatMap(({ failedTries }) => failedTries).map(({ url }) => url)).toEqual([bad.url]);
  expect(bad.requests).toHaveLength(1);
});

test('the client retries elsewhere when an endpoint is gone, and avoids it for a while', async () => {
  const gone = await good('x');
  await gone.close();
  const other = await good('x');
  const client = clientOf([gone.url, other.url]);
  const tries = [];
  for (let round = 0; round < 6; round++) tries.push((await client.run(HELLO)).failedTries.length);
  expect(tries.filter((failed) => failed > 0)).toEqual([1]);
});

test('with one endpoint the client retries there, and reports the reason of each failed attempt', async () => {
  const flaky = await server(
    (response, _, count) => void (count < 3 ? response.destroy() : response.end(finished('x'))),
  );
  expect((await clientOf(flaky.url).run(HELLO)).failedTries).toHaveLength(2);

  const bad = await dying((response) => void response.end(SANDBOX_ERROR));
  const error = await clientOf(bad.url, { retries: 1 })
    .run(HELLO)
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof SandboxInfraError)) throw error;
  expect(error.tries).toHaveLength(2);
  expect(error.message).toContain('no space left on device');
  expect(bad.requests).toHaveLength(2);
});

test('an invalid request is not retried', async () => {
  const unable = () => server((response) => void response.writeHead(422).end('{"detail":[]}'));
  const [one, other] = [await unable(), await unable()];
  await expect(clientOf([one.url, other.url]).run({ ...HELLO, language: 'cobol' })).rejects.toThrow(
    SandboxRequestError,
  );
  expect(one.requests.length + other.requests.length).toBe(1);
});

test('a run is retried elsewhere when its server does not answer in time', async () => {
  const slow = await server(() => undefined);
  const other = await good('x');
  const client = clientOf([slow.url, other.url]);
  const results = [await client.run(HELLO, { timeout: 200 }), await client.run(HELLO, { timeout: 200 })];
  const reasons = results.flatMap(({ failedTries }) => failedTries).map(({ reason }) => reason);
  expect(reasons).toContain('no answer within 0.2 s');
});

test('an aborted run rejects with the reason of the signal, not with an infra failure', async () => {
  const one = await server(() => undefined);
  const stop = new AbortController();
  const run = clientOf(one.url).run(HELLO, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 100);
  await expect(run).rejects.toThrow('enough');
  expect(one.requests).toHaveLength(1);
  await expect(clientOf(one.url).run(HELLO, { signal: stop.signal })).rejects.toThrow('enough');
});

test('what fails fast draws no more runs than what works', async () => {
  const bad = await server((response) => void response.end(finished('', { return_code: 1 })));
  const well = await server((response) => void setTimeout(() => response.end(finished('x')), 50));
  await clientOf([bad.url, well.url]).runBatch(Array(100).fill(HELLO), { concurrency: 4 });
  expect(bad.requests.length).toBeLessThan(70);
});
