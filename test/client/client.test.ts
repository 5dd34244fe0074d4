import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import {
  SandboxClient,
  type SandboxClientOptions,
  SandboxInfraError,
  SandboxRequestError,
} from '../../src/client/index.js';
import { answering, finished, SANDBOX_ERROR, type TestServer } from './servers.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function server(...args: Parameters<typeof answering>): Promise<TestServer> {
  const started = await answering(...args);
  open.push(started);
  return started;
}

function clientOf(endpoints: SandboxClientOptions['endpoints'], more: Partial<SandboxClientOptions> = {}) {
  const client = new SandboxClient({ endpoints, ...more });
  open.push(client);
  return client;
}

const good = (text: string) => server((response) => void response.end(finished(text)));
const HELLO = { code: 'print("hello")', language: 'python' };

test('the client returns the result of a program, and sends its default timeouts', async () => {
  const one = await good('hello\n');
  const result = await clientOf(one.url).run({ ...HELLO, run_timeout: 3, stdin: 'x' });
  expect(result).toMatchObject({
    stage: 'run',
    code: 0,
    timedOut: false,
    killed: null,
    url: one.url,
    seconds: 0.01,
  });
  expect(`${result.stdout}`).toBe('hello\n');
  expect(one.requests[0]?.body).toEqual({ ...HELLO, compile_timeout: 10, run_timeout: 3, stdin: 'x' });
  expect(one.requests[0]?.headers).not.toHaveProperty('authorization');
});

test.each(['/', '/run_code', '/run_code/'])('a URL that ends in %s means the same server', async (end) => {
  const one = await good('x');
  expect((await clientOf(`${one.url}${end}`).run(HELLO)).url).toBe(one.url);
});

test.each([
  ['a code', { return_code: 3 }, { code: 3, timedOut: false }],
  ['a signal', { return_code: -11 }, { code: -11, timedOut: false }],
  ['its time-out', { status: 'TimeLimitExceeded', return_code: null }, { code: null, timedOut: true }],
  ['its memory', { return_code: -9, sandboxctl: { killed: 'memory' } }, { code: -9, killed: 'memory' }],
])("a program's own failure is a result and never retried: %s", async (_, changes, expected) => {
  const one = await server((response) => void response.end(finished('so far', changes)));
  const result = await clientOf(one.url).run({ ...HELLO, run_timeout: 0 });
  expect(result).toMatchObject(expected);
  expect(`${result.stdout}`).toBe('so far');
  expect(one.requests).toHaveLength(1);
});

test('output that is not text arrives byte for byte', async () => {
  const bytes = Buffer.from([0xff, 0, 0xfe]);
  const changes = { sandboxctl: { stdout_base64: bytes.toString('base64'), stderr_dropped: 7 } };
  const one = await server((response) => void response.end(finished('[DecodeError]', changes)));
  const result = await clientOf(one.url).run(HELLO);
  expect(result.stdout).toEqual(bytes);
  expect(result.dropped).toEqual({ stdout: 0, stderr: 7 });
});

test('a program that does not compile has a result of stage compile', async () => {
  const compile = { status: 'Error', execution_time: 1, return_code: 1, stdout: '', stderr: 'no ;' };
  const body = JSON.parse(finished('')) as Record<string, unknown>;
  const answer = { ...body, status: 'Failed', compile_result: compile, run_result: null };
  const one = await server((response) => void response.end(JSON.stringify(answer)));
  const result = await clientOf(one.url).run({ code: 'int', language: 'cpp' });
  expect(result).toMatchObject({ stage: 'compile', code: 1 });
  expect(`${result.stderr}`).toBe('no ;');
});

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

test('a run without endpoints fails with an error that says so', async () => {
  await expect(clientOf([]).run(HELLO)).rejects.toThrow('no endpoint to run on');
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

test('the client sends its token with every request', async () => {
  const one = await good('x');
  await clientOf(one.url, { token: 'secret' }).run(HELLO);
  expect(one.requests[0]?.headers.authorization).toBe('Bearer secret');
});

test('a function of endpoints is called again for each run', async () => {
  const [a, b] = [await good('a'), await good('b')];
  let urls = [a.url];
  const client = clientOf(async () => urls);
  expect(`${(await client.run(HELLO)).stdout}`).toBe('a');
  urls = [b.url];
  expect(`${(await client.run(HELLO)).stdout}`).toBe('b');
});

test('a batch keeps order and concurrency, uses all endpoints, and reports each failure by itself', async () => {
  let now = 0;
  let most = 0;
  const answer: Parameters<typeof answering>[0] = async (response, { code }) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
    if (code === 'bad') response.writeHead(422);
    response.end(finished(code));
  };
  const servers = [await server(answer), await server(answer)];
  const codes = Array.from({ length: 60 }, (_, at) => (at === 30 ? 'bad' : `${at}`));
  const seen: number[] = [];
  const settled = await clientOf(servers.map(({ url }) => url)).runBatch(
    codes.map((code) => ({ code, language: 'python' })),
    { concurrency: 8, onSettled: (index) => seen.push(index) },
  );
  expect(settled.map((one) => (one.ok ? `${one.value.stdout}` : 'bad'))).toEqual(codes);
  expect(seen.sort((a, b) => a - b)).toEqual(codes.map((_, at) => at));
  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(4);
  for (const { requests } of servers) expect(requests.length).toBeGreaterThan(20);
});

test('many runs that back off under one signal cause no warning of Node', async () => {
  const warnings: string[] = [];
  const hear = ({ name }: Error) => warnings.push(name);
  process.on('warning', hear);
  const one = await dying((response) => void response.end(SANDBOX_ERROR));
  const requests = Array.from({ length: 16 }, () => HELLO);
  const { signal } = new AbortController();
  const settled = await clientOf(one.url).runBatch(requests, { concurrency: 16, retries: 4, signal });
  process.off('warning', hear);
  expect(settled.filter(({ ok }) => ok)).toEqual([]);
  expect(warnings).toEqual([]);
});

test('an aborted batch starts nothing new', async () => {
  const one = await server(() => undefined);
  const stop = new AbortController();
  const batch = clientOf(one.url).runBatch([HELLO, HELLO, HELLO, HELLO], {
    concurrency: 2,
    signal: stop.signal,
  });
  while (one.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort(new Error('enough'));
  await expect(batch).rejects.toThrow('enough');
  expect(one.requests).toHaveLength(2);
});

/** Its health checks fail, as those of a server that is being ended. */
const dying = (answer: Parameters<typeof answering>[0]) =>
  server(answer, (response) => void response.destroy());
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

test('one health check serves many failures of one server', async () => {
  const one = await server((response) => void response.end(finished('', { return_code: 1 })));
  const settled = await clientOf(one.url).runBatch(Array(64).fill(HELLO), { concurrency: 64 });
  expect(settled.every(({ ok }) => ok)).toBe(true);
  expect(one.requests).toHaveLength(64);
  // All 64 come within a moment; what a busy machine spreads apart takes one more each.
  expect(one.checks).toBeLessThan(16);
});

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

test('what fails fast draws no more runs than what works', async () => {
  const bad = await server((response) => void response.end(finished('', { return_code: 1 })));
  const well = await server((response) => void setTimeout(() => response.end(finished('x')), 50));
  await clientOf([bad.url, well.url]).runBatch(Array(100).fill(HELLO), { concurrency: 4 });
  expect(bad.requests.length).toBeLessThan(70);
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

test('a time-out before the program’s time was up is not believed of one server', async () => {
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
