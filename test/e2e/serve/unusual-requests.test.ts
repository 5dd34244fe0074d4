import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedCli, serveCli } from './server.js';
import { sleepers, uniqueSleep } from './sleepers.js';

/** Requests that no client of ours sends, and some that are meant to hurt: each is answered, and the server goes on. */
const HELLO = { language: 'bash', code: 'echo hello' };
const LONG = { compile_timeout: 600, run_timeout: 600 };

let served: ServedCli;
beforeAll(async () => {
  served = await serveCli(['--isolation', 'none', '--max-concurrency', '2']);
});
afterAll(async () => {
  expect(await served?.stop()).toMatchObject({ code: 0 });
});

/** What comes back for these bytes until the server closes. */
async function raw(...parts: (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  // One that is refused early may be closed while it still writes.
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return text;
}

function post(body: string, { path = '/run_code', headers = '', close = true } = {}): string {
  return [
    `POST ${path} HTTP/1.1`,
    'Host: sandbox',
    ...(close ? ['Connection: close'] : []),
    'Content-Type: application/json',
    `${headers}Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

async function metric(name: string): Promise<number> {
  const page = await (await fetch(`${served.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(page)?.[1]);
}

const hello = JSON.stringify(HELLO);
const chunked = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n0\r\n\r\n`;

test.each([
  ['the whole URL for a path', post(hello, { path: 'http://elsewhere:80/run_code' }), 200],
  ['a path with characters by number', post(hello, { path: '/run%5Fcode' }), 200],
  ['a path with no such character', post(hello, { path: '/run%zzcode' }), 404],
  ['two slashes', post(hello, { path: '//run_code' }), 404],
  ['HTTP/1.0', post(hello).replace('HTTP/1.1', 'HTTP/1.0'), 200],
  ['a header of 20 KB', post(hello, { headers: `X: ${'a'.repeat(20_000)}\r\n` }), 431],
  ['2,000 headers', post(hello, { headers: 'Header: abc\r\n'.repeat(2000) }), 431],
  ['a length and chunks', post(hello, { headers: 'Transfer-Encoding: chunked\r\n' }), 400],
  ['two lengths', post(hello, { headers: 'Content-Length: 3\r\n' }), 400],
  ['a length below nothing', post('').replace('Length: 0', 'Length: -5'), 400],
  [
    'chunks',
    post('').replace(/Content-Length: 0\r\n\r\n$/, `Transfer-Encoding: chunked\r\n\r\n${chunked(hello)}`),
    200,
  ],
  [
    'a chunk without a length',
    post('').replace(/Content-Length: 0\r\n\r\n$/, 'Transfer-Encoding: chunked\r\n\r\nzz\r\n'),
    400,
  ],
  ['no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n', 400],
  ['a list 200,000 deep', post('['.repeat(200_000)), 422],
  ['an object 100,000 deep', post(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), 422],
  ['a request that is deep where nobody looks', post(`{"x":${'['.repeat(5000)}${']'.repeat(5000)}}`), 422],
  [
    'UTF-16',
    Buffer.concat([Buffer.from(post('').replace('Length: 0', 'Length: 4')), Buffer.from('{}', 'utf16le')]),
    422,
  ],
])('%s', async (_what, bytes, status) => {
  expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect((await served.run(HELLO)).run_result?.stdout).toBe('hello\n');
});

test('pipelined requests are answered in order', async () => {
  const slow = JSON.stringify({ language: 'bash', code: 'sleep 0.3; echo first' });
  const answers = await raw(
    post(slow, { close: false }),
    post(JSON.stringify({ language: 'bash', code: 'echo second' })),
  );
  expect(answers).toMatch(/first.*second/s);
});

test('a slow request body holds no slot, and is dropped with its client', async () => {
  const { hostname, port } = new URL(served.url);
  const slow = Array.from({ length: 8 }, () => connect(Number(port), hostname));
  for (const socket of slow) socket.write(post(hello).slice(0, -5));
  await Promise.all(slow.map((socket) => (socket.connecting ? once(socket, 'connect') : undefined)));
  expect(await metric('sandboxctl_runs_running')).toBe(0);
  expect((await served.run(HELLO)).status).toBe('Success');
  const [last, ...others] = slow;
  for (const socket of others) socket.destroy();
  last?.write(post(hello).slice(-5));
  const [answer] = last === undefined ? [] : await once(last, 'data');
  expect(String(answer)).toContain('200 OK');
  last?.destroy();
});

test('each of a thousand waiting clients gets its own output', {
  tags: 'matrix',
}, async () => {
  const all = Array.from({ length: 1000 }, async (_, index) => {
    const answer = await served.post({ language: 'bash', code: `echo ${index}`, ...LONG });
    const body = (await answer.json()) as { run_result?: { stdout: string } };
    if (answer.status === 200)
      return body.run_result?.stdout === `${index}\n` ? 'ran' : `${index}: ${JSON.stringify(body)}`;
    return `${answer.status} ${answer.headers.get('x-sandboxctl-infra-error')}`;
  });
  expect(new Set(await Promise.all(all))).toEqual(new Set(['ran']));
  expect([await metric('sandboxctl_runs_running'), await metric('sandboxctl_runs_waiting')]).toEqual([0, 0]);
});

test('a client that disconnects while queued never runs', async () => {
  const held = uniqueSleep();
  const gone = new AbortController();
  const slots = [0, 1].map(() =>
    served.run({ language: 'bash', code: `sleep ${held}`, ...LONG }, gone.signal),
  );
  const ended = Promise.allSettled(slots);
  await expect.poll(() => sleepers(held).length).toBe(2);
  const never = uniqueSleep();
  const impatient = new AbortController();
  const waiting = Promise.allSettled(
    Array.from({ length: 20 }, () =>
      served.run({ language: 'bash', code: `sleep ${never}`, ...LONG }, impatient.signal),
    ),
  );
  await expect.poll(() => metric('sandboxctl_runs_waiting')).toBe(20);
  impatient.abort();
  await waiting;
  await expect.poll(() => metric('sandboxctl_runs_waiting')).toBe(0);
  gone.abort();
  await ended;
  await expect.poll(() => metric('sandboxctl_runs_running')).toBe(0);
  // A run that was let in after all would be there by now.
  await sleep(200);
  expect(sleepers(never)).toEqual([]);
});

test('files that cannot be fetched are omitted like missing ones', async () => {
  const code = 'truncate -s 3G big; mkfifo pipe; ln -s loop loop; echo small >small';
  const fetched = ['big', 'pipe', 'loop', 'small', '/proc/self/mem', '/dev/zero', 'nothing'];
  const answer = await served.run({ language: 'bash', code, fetch_files: fetched });
  expect([answer.status, answer.files]).toEqual([
    'Success',
    { small: Buffer.from('small\n').toString('base64') },
  ]);
});

test('memory and time limits beyond the machine’s are accepted', async () => {
  const digits = '9'.repeat(30);
  const much = `"memory_limit_MB":${digits},"run_timeout":1e308,"compile_timeout":1e999`;
  const answer = await served.post(`${hello.slice(0, -1)},${much}}`);
  expect(await answer.json()).toMatchObject({ run_result: { stdout: 'hello\n', stderr: '' } });
});
