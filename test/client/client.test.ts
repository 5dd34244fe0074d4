import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { isCanary } from '../../src/api/canary.js';
import {
  type RunCodeRequest,
  SandboxClient,
  type SandboxClientOptions,
  SandboxInfraError,
  SandboxRequestError,
} from '../../src/client/index.js';
import { answering, canaryAnswer, finished, SANDBOX_ERROR, type TestServer } from './servers.js';

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
  const result = await clientOf(one.url).run(HELLO);
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

  const bad = await server((response) => void response.end(SANDBOX_ERROR));
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
  const one = await server((response) => void response.end(SANDBOX_ERROR));
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

const canaryOk = (response: ServerResponse, run: RunCodeRequest) => void response.end(canaryAnswer(run));
/** Return codes that a program has too whose server is being ended. */
const SIGNALLED = [-15, -9, 143, 137];

test.each(SIGNALLED)(
  'a run that ended with code %i is not the program’s failure if its server dies a moment later',
  async (code) => {
    const dying = await server((response, body) => {
      if (isCanary(body)) response.destroy();
      else response.end(finished('so f', { return_code: code }));
    });
    const well = await good('whole\n');
    let asked = 0;
    const result = await clientOf(async () => (asked++ === 0 ? [dying.url] : [dying.url, well.url])).run(
      HELLO,
    );
    expect(`${result.stdout}`).toBe('whole\n');
    expect(result.failedTries).toMatchObject([
      { url: dying.url, reason: expect.stringMatching(/^unverified: /) },
    ]);
  },
);

test.each(SIGNALLED)(
  'a run that ended with code %i is the program’s failure if its server is healthy afterwards, and ran once',
  async (code) => {
    const one = await server((response, body) =>
      isCanary(body) ? canaryOk(response, body) : void response.end(finished('', { return_code: code })),
    );
    expect(await clientOf(one.url).run(HELLO)).toMatchObject({ code, failedTries: [] });
    expect(one.requests.filter(({ body }) => !isCanary(body))).toHaveLength(1);
  },
);

test('a compiler that was killed with its server is not the program’s failure', async () => {
  const compiled = { status: 'Finished', execution_time: 0.1, return_code: -15, stdout: '', stderr: '' };
  const dying = await server((response, body) => {
    if (isCanary(body)) response.destroy();
    else
      response.end(
        JSON.stringify({
          ...JSON.parse(finished('')),
          status: 'Failed',
          run_result: null,
          compile_result: compiled,
        }),
      );
  });
  const well = await good('whole\n');
  let asked = 0;
  const result = await clientOf(async () => (asked++ === 0 ? [dying.url] : [well.url])).run(HELLO);
  expect(`${result.stdout}`).toBe('whole\n');
});
