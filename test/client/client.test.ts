import { expect, test } from 'vitest';
import { clientOf, good, HELLO, server } from './clients.js';
import { finished } from './servers.js';

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
  ['its timeout', { status: 'TimeLimitExceeded', return_code: null }, { code: null, timedOut: true }],
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

test('a run without endpoints fails with an error that says so', async () => {
  await expect(clientOf([]).run(HELLO)).rejects.toThrow('no endpoint to run on');
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
