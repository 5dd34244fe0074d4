import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { SandboxInfraError, SandboxRequestError } from '../../src/client/index.js';
import { clientOf, dying, good, HELLO, server } from './clients.js';
import { type answering, finished, SANDBOX_ERROR } from './servers.js';

const missing = (response: ServerResponse) =>
  void response.end(
    finished('', { return_code: 127, stderr: '/bin/bash: line 1: python: command not found\n' }),
  );

test('an interpreter that is not found is the sandbox’s failure if another server has it', async () => {
  // The server that answers at once is less busy than the one that works; its health checks pass.
  const bad = await server(missing);
  const well = await server((response) => void setTimeout(() => response.end(finished('whole\n')), 100));
  const settled = await clientOf([bad.url, well.url]).runBatch(Array(12).fill(HELLO), { concurrency: 6 });
  expect(settled.map((each) => (each.ok ? `${each.value.stdout}` : each.error))).toEqual(
    Array(12).fill('whole\n'),
  );
});

test('an interpreter that two servers do not have is the program’s failure', async () => {
  const servers = [await server(missing), await server(missing)];
  expect(await clientOf(servers.map(({ url }) => url)).run(HELLO)).toMatchObject({ code: 127 });
});

const refusing = (words: string): Parameters<typeof answering>[0] => {
  const message = `exception on running code print(1): ${words} None`;
  return (response) => void response.end(JSON.stringify({ ...JSON.parse(SANDBOX_ERROR), message }));
};

test('a request is at fault if two healthy servers refuse it alike, whatever the words', async () => {
  const servers = await Promise.all(
    ['/tmp/tmpa1/x', '/tmp/tmpb2/x', '/tmp/tmpc3/x'].map((path) =>
      server(refusing(`[Errno 21] Is a directory: '${path}'`)),
    ),
  );
  const run = clientOf(servers.map(({ url }) => url)).run(HELLO);
  await expect(run).rejects.toThrow(SandboxRequestError);
  expect(servers.reduce((sum, { requests }) => sum + requests.length, 0)).toBe(2);
});

test('a request is not at fault if only ill servers refuse it', async () => {
  const bad = [await dying(refusing('[Errno 28]')), await dying(refusing('[Errno 28]'))];
  const run = clientOf(
    bad.map(({ url }) => url),
    { retries: 2 },
  ).run(HELLO);
  await expect(run).rejects.toThrow(SandboxInfraError);
});

test('a server that refuses a request which another one takes is not believed', async () => {
  const refusing = await server((response) => void response.writeHead(422).end('{"detail":[]}'));
  const client = clientOf([refusing.url, (await good('x')).url]);
  for (let turn = 0; turn < 4; turn += 1) expect(`${(await client.run(HELLO)).stdout}`).toBe('x');
});

test('output that one server lost is asked of another, and an empty one is believed of two', async () => {
  const silent = () => server((response) => void response.end(finished('')));
  const client = clientOf([(await silent()).url, (await good('x')).url]);
  for (let turn = 0; turn < 4; turn += 1) expect(`${(await client.run(HELLO)).stdout}`).toBe('x');
  const both = clientOf([(await silent()).url, (await silent()).url]);
  expect(`${(await both.run(HELLO)).stdout}`).toBe('');
});

test('a timeout before the program’s time was up is not believed of one server', async () => {
  const timedOut = finished('', { status: 'TimeLimitExceeded', return_code: null });
  const hasty = await server((response) => void response.end(timedOut));
  const client = clientOf([hasty.url, (await good('x')).url]);
  for (let turn = 0; turn < 4; turn += 1) expect(`${(await client.run(HELLO)).stdout}`).toBe('x');
});

test('a server that passes its health checks and fails every program is found out by another', async () => {
  const failing = await server((response) => void response.end(finished('', { return_code: 1 })));
  const client = clientOf([failing.url, (await good('x')).url]);
  for (let turn = 0; turn < 8; turn += 1) expect((await client.run(HELLO)).code).toBe(0);
  expect(failing.requests.length).toBeGreaterThan(0);
});
