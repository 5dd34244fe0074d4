import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isCanary } from '../../src/api/canary.js';
import type { RunCodeRequest } from '../../src/api/wire.js';
import { canaryAnswer, finished } from '../client/servers.js';
import { gatewayFor, PROGRAM, type Started } from './start.js';
import { ok, type Upstream, upstream } from './upstream.js';

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

async function inRotation(gateway: Started): Promise<Started> {
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  return gateway;
}

/** Sends bytes and gives all that comes back until the other side closes, or `until` was seen. */
function raw(url: string, bytes: string, until?: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (until?.test(text)) socket.destroy();
    });
    socket.on('error', () => undefined).on('close', () => resolve(text));
  });
}

const BODY = JSON.stringify(PROGRAM);
const head = (...lines: string[]) =>
  `${['POST /run_code HTTP/1.1', 'Host: x', ...lines].join('\r\n')}\r\n\r\n`;
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

test.each([
  ['a length and chunks', head(`Content-Length: ${BODY.length}`, 'Transfer-Encoding: chunked') + CHUNKED],
  ['two lengths', head(`Content-Length: ${BODY.length}`, 'Content-Length: 1') + BODY],
  ['a length that is a list', head(`Content-Length: ${BODY.length}, ${BODY.length}`) + BODY],
  ['a length with a sign', head(`Content-Length: +${BODY.length}`) + BODY],
  ['a length in hexadecimal', head(`Content-Length: 0x${BODY.length.toString(16)}`) + BODY],
  ['a blank before the colon', head(`Content-Length : ${BODY.length}`) + BODY],
  ['a coding that is not the last', head('Transfer-Encoding: chunked, identity') + CHUNKED],
  ['an unknown coding', head('Transfer-Encoding: xchunked') + CHUNKED],
  ['a coding behind a tab', head('Transfer-Encoding:\tchunked', `Content-Length: ${BODY.length}`) + CHUNKED],
  ['a folded header', head(`Content-Length: ${BODY.length}`, 'X: a\r\n b: c', 'Y z: 1') + BODY],
  ['line feeds alone', head(`Content-Length: ${BODY.length}`).replaceAll('\r\n', '\n') + BODY],
  ['a NUL in a header', head(`Content-Length: ${BODY.length}`, 'X: a\0b') + BODY],
  ['a chunk size with a sign', `${head('Transfer-Encoding: chunked')}-1\r\n${BODY}\r\n0\r\n\r\n`],
  ['a blank in the path', `POST /run code HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`],
  ['CONNECT', 'CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n'],
])('a request with %s is rejected, and reaches no server', async (_name, bytes) => {
  const one = await server();
  const gateway = await inRotation(await gatewayFor([one.url], { canaryEvery: 60 }));
  // What is hidden behind it must not be read as a request of its own either.
  const answer = await raw(gateway.url, `${bytes}GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n`, /hello|Not Found/);
  expect(answer === '' || /^HTTP\/1\.1 400 /.test(answer), answer).toBe(true);
  expect(one.runs).toBe(0);
});

test.each([
  ['without a host', `POST /run_code HTTP/1.1\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`],
  ['for another host', 'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['for no path', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'],
])('a request %s is rejected', async (_name, bytes) => {
  const one = await server();
  const gateway = await inRotation(await gatewayFor([one.url], { canaryEvery: 60 }));
  expect(await raw(gateway.url, bytes, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 400 /);
  expect(one.runs).toBe(0);
});

test('a chunked request reaches the server with a content-length and without hop-by-hop headers', async () => {
  const seen: Record<string, unknown>[] = [];
  const one = await server(({ request, response, run }) => {
    seen.push({ ...request.headers, code: run.code });
    response.writeHead(200, {
      connection: 'x-hop, keep-alive',
      'x-hop': '1',
      'keep-alive': 'timeout=1',
      upgrade: 'h2c',
      'x-own': '2',
    });
    response.end(finished('hello\n'));
  });
  const gateway = await inRotation(await gatewayFor([one.url]));
  const lines = [
    'Transfer-Encoding: chunked',
    'Connection: X-Secret, keep-alive',
    'X-Secret: s',
    'TE: trailers',
  ];
  const answer = await raw(
    gateway.url,
    head(...lines, 'Proxy-Authorization: p', 'Upgrade: h2c', 'Expect: 100-continue', 'X-Kept: k') + CHUNKED,
    /hello/,
  );
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ 'content-length': String(BODY.length), 'x-kept': 'k', code: PROGRAM.code });
  for (const name of ['transfer-encoding', 'x-secret', 'te', 'proxy-authorization', 'upgrade', 'expect']) {
    expect(seen[0]).not.toHaveProperty(name);
  }
  expect(answer).toMatch(/\r\nx-own: 2\r\n/);
  expect(answer).not.toMatch(/\r\n(x-hop|upgrade):/i);
});

test('pipelined requests are answered in order', async () => {
  const one = await server(
    ({ response, run }) => void setTimeout(() => ok(response, run.code), run.run_timeout),
  );
  const gateway = await inRotation(await gatewayFor([one.url]));
  const bytes = [60, 1, 20].map((delay) => {
    const body = JSON.stringify({ ...PROGRAM, code: `after ${delay};`, run_timeout: delay });
    return head(`Content-Length: ${body.length}`) + body;
  });
  const answer = await raw(gateway.url, bytes.join(''), /after 20;/);
  expect(answer.match(/after \d+/g)).toEqual(['after 60', 'after 1', 'after 20']);
});

test('a request body that is too long is rejected while it arrives, and the connection closed', async () => {
  const one = await server();
  const gateway = await inRotation(await gatewayFor([one.url], { bodyLimit: 1000 }));
  expect(await raw(gateway.url, head('Content-Length: 1001') + 'x'.repeat(1001))).toMatch(/^HTTP\/1\.1 413 /);
  expect(
    await raw(gateway.url, `${head('Transfer-Encoding: chunked')}7d0\r\n${'x'.repeat(2000)}\r\n`),
  ).toMatch(/^HTTP\/1\.1 413 /);
  expect(one.runs).toBe(0);
});

/** A server that answers runs with raw bytes, and health checks correctly. */
async function rawServer(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        text += chunk;
        const [before = '', body = ''] = text.split('\r\n\r\n');
        if (body.length < Number(/content-length: (\d+)/.exec(before)?.[1] ?? 0)) return;
        text = '';
        if (before.startsWith('GET /v1/capacity')) {
          socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        const run = body.startsWith('{') ? (JSON.parse(body) as RunCodeRequest) : undefined;
        if (run === undefined || !isCanary(run)) return answer(socket);
        const page = canaryAnswer(run);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const PAGE = finished('evil\n');
const LENGTH = `Content-Length: ${PAGE.length}`;

test.each([
  ['two lengths', `HTTP/1.1 200 OK\r\n${LENGTH}\r\nContent-Length: 3\r\n\r\n${PAGE}`],
  ['a length and chunks', `HTTP/1.1 200 OK\r\n${LENGTH}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['an unknown coding', `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n${PAGE}`],
  ['an invalid length', `HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\n${PAGE}`],
  ['a blank before the colon', `HTTP/1.1 200 OK\r\nContent-Length : ${PAGE.length}\r\n\r\n${PAGE}`],
  ['a folded header', `HTTP/1.1 200 OK\r\n${LENGTH}\r\nX: a\r\n b\r\n\r\n${PAGE}`],
  ['a bare CR in a header', `HTTP/1.1 200 OK\r\n${LENGTH}\r\nX: a\rSet: b\r\n\r\n${PAGE}`],
  ['an invalid status', `HTTP/1.1 2x0 OK\r\n${LENGTH}\r\n\r\n${PAGE}`],
  ['another protocol', `HTTP/2.0 200 OK\r\n${LENGTH}\r\n\r\n${PAGE}`],
  ['a switch of protocols', 'HTTP/1.1 101 Switching\r\n\r\n'],
  ['more than its length', `HTTP/1.1 200 OK\r\n${LENGTH}\r\n\r\n${PAGE}HTTP/1.1 200 OK\r\n\r\n`],
  [
    'a chunk without a size',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n${PAGE}\r\n0\r\n\r\n`,
  ],
  [
    'a chunk longer than its size',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n${PAGE}\r\n0\r\n\r\n`,
  ],
  ['a head without an end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`],
])('a response with %s is rejected, and the request retried on another server', async (_name, bytes) => {
  const [bad, good] = [await rawServer((socket) => void socket.write(bytes, 'latin1')), await server()];
  const gateway = await gatewayFor([bad, good.url], { canaryEvery: 60 });
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.every(({ state }) => state === 'in'))
    .toBe(true);
  const answers = await Promise.all(Array.from({ length: 4 }, async () => (await gateway.run()).json()));
  expect(answers).toMatchObject(Array.from({ length: 4 }, () => ({ run_result: { stdout: 'hello\n' } })));
  const snapshot = await gateway.snapshot();
  expect(snapshot.retries.broken).toBeGreaterThan(0);
});

test.each([
  ['byte by byte', (bytes: string) => bytes.split('')],
  ['in one piece', (bytes: string) => [bytes]],
])(
  'a response with interim responses, chunks, extensions and trailers that arrives %s is understood',
  async (_name, cut) => {
    const half = PAGE.length >> 1;
    const chunk = (text: string) => `${text.length.toString(16)};x="y"\r\n${text}\r\n`;
    const bytes = `HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(PAGE.slice(0, half))}${chunk(PAGE.slice(half))}0\r\nTrailer: t\r\n\r\n`;
    const url = await rawServer(async (socket) => {
      for (const piece of cut(bytes)) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const gateway = await inRotation(await gatewayFor([url], { canaryEvery: 60 }));
    for (const _ of [1, 2]) {
      const answer = await gateway.run();
      expect([answer.headers.get('content-length'), await answer.text()]).toEqual([
        String(PAGE.length),
        PAGE,
      ]);
    }
  },
);

test('unsolicited bytes of a server close the connection, and no client gets them', async () => {
  let asked = 0;
  let last: Socket | undefined;
  const answer = (text: string) =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${finished(text).length}\r\n\r\n${finished(text)}`;
  const url = await rawServer((socket) => {
    asked += 1;
    last = socket;
    socket.write(answer(`right ${asked}`));
  });
  const gateway = await inRotation(await gatewayFor([url], { canaryEvery: 60 }));
  for (const number of [1, 2, 3]) {
    expect(await (await gateway.run()).json()).toMatchObject({ run_result: { stdout: `right ${number}` } });
    const lost = new Promise((resolve) => last?.once('close', resolve));
    last?.write(answer('evil'));
    await lost;
  }
});
