import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { oneRequest } from '../../src/control/one-request.js';

/** Longer than any answer takes on loopback. */
const LIMITS = { connectMs: 60_000, silentMs: 60_000 };
let server: Server | undefined;
afterEach(() => server?.close());

/** A server that does as it is told with each connection, once the request is there. */
async function serving(act: (socket: Socket, request: string) => void): Promise<string> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (request) => act(socket, request.toString()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n';

test('a request by GET returns status, headers and body, and closes its connection', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const url = await serving((socket, request) => {
    closed = once(socket, 'close');
    socket.write(request.startsWith('GET /healthz HTTP/1.1\r\n') ? `${OK}well` : 'HTTP/1.1 400 no\r\n\r\n');
    socket.on('end', () => socket.end());
  });
  expect(await oneRequest(`${url}/healthz`, LIMITS)).toMatchObject({
    status: 200,
    headers: { 'content-length': '4' },
    body: 'well',
  });
  await closed;
});

test('JSON is sent by POST, and an answer in parts is put together', async () => {
  const url = await serving((socket, request) => {
    const [head = '', body = ''] = request.split('\r\n\r\n');
    const ok =
      head.startsWith('POST / ') && /content-type: application\/json/i.test(head) && body.includes('é');
    socket.write(`${OK}${ok ? 'do' : 'no'}`);
    setImmediate(() => socket.end('ne'));
  });
  expect(await oneRequest(url, { ...LIMITS, json: 'é' })).toMatchObject({ body: 'done' });
});

test('a server that takes the connection and sends nothing is silent, also in the middle of an answer', async () => {
  for (const part of ['', 'HTTP/1.1 200', OK, `${OK}do`]) {
    const url = await serving((socket) => void socket.write(part));
    const answer = oneRequest(url, { connectMs: 60_000, silentMs: 50 });
    await expect(answer, part).rejects.toMatchObject({ kind: 'silent' });
    server?.close();
  }
});

test('an address that refuses the connection is an error of the system', async () => {
  const url = await serving((socket) => socket.end());
  server?.close();
  await expect(oneRequest(url, LIMITS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('an address that lets no connection through is told from a silent server', async () => {
  const program = [
    'import socket, sys',
    "s = socket.create_server(('127.0.0.1', 0), backlog=0)",
    'kept = socket.create_connection(s.getsockname())  # fills the queue: Linux drops what comes after',
    'print(s.getsockname()[1], flush=True)',
    'sys.stdin.read()',
  ];
  const full = spawn('python3', ['-c', program.join('\n')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await once(full.stdout, 'data');
  try {
    const asked = oneRequest(`http://127.0.0.1:${Number(port)}`, { connectMs: 50, silentMs: 60_000 });
    await expect(asked).rejects.toMatchObject({ kind: 'unconnected' });
  } finally {
    full.stdin.end();
    await once(full, 'close');
  }
});

test('an answer that is cut off or malformed is an error', async () => {
  for (const part of [
    '',
    `${OK}do`,
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n',
  ]) {
    const url = await serving((socket) => void socket.end(part));
    await expect(oneRequest(url, LIMITS), part).rejects.toThrow(/socket hang up|aborted|Parse Error/);
    server?.close();
  }
});

test('an aborted request rejects with the reason of its signal, before, during and after the answer begins', async () => {
  for (const part of ['', `${OK}do`]) {
    const stop = new AbortController();
    const url = await serving((socket) => {
      socket.write(part);
      setImmediate(() => stop.abort(new Error('no longer wanted')));
    });
    await expect(oneRequest(url, { ...LIMITS, signal: stop.signal })).rejects.toThrow('no longer wanted');
    await expect(oneRequest(url, { ...LIMITS, signal: stop.signal })).rejects.toThrow('no longer wanted');
    server?.close();
  }
});
