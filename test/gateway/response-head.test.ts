import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHead } from '../../src/gateway/upstream/head.js';

/** Sends each client the head that it asks for, byte by byte as it is, and hangs up. */
let server: Server;
let next = '';
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.from(`${next}\r\n\r\n`, 'latin1')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** The headers that Node's own parser reads from it; undefined where it refuses the answer. */
async function asNodeReads(head: string): Promise<string[] | undefined> {
  next = head;
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, agent: false }, (answer: IncomingMessage) => {
      answer.on('error', () => {}).resume();
      resolve(answer.rawHeaders);
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

function asWeRead(head: string): string[] | undefined {
  try {
    return readHead(head, 'GET').headers;
  } catch {
    return undefined;
  }
}

const name = fc.oneof(
  fc.constantFrom('X-A', 'Content-Type', 'Content-Length', 'Transfer-Encoding', 'Connection', 'X A', 'é', ''),
  fc.string({ unit: fc.constantFrom(...'aZ09-_!#$~ \t:()@'), maxLength: 6 }),
);
const value = fc.string({
  unit: fc.constantFrom(...' \t\x0b\x0c\x00\x1f\x7f\x80\x85\xa0\xffaZ0,;="'),
  maxLength: 12,
});
const line = fc.tuple(name, value).map(([left, right]) => `${left}:${right}`);

describe('the parser of response heads', () => {
  it("reads every head that it accepts as Node's own parser does", async () => {
    const heads = fc
      .array(line, { minLength: 1, maxLength: 4 })
      .map((lines) => ['HTTP/1.1 200 OK', ...lines].join('\r\n'));
    await fc.assert(
      fc.asyncProperty(heads, async (head) => {
        const ours = asWeRead(head);
        if (ours !== undefined) expect(await asNodeReads(head)).toEqual(ours);
      }),
      { numRuns: 400 },
    );
  });

  it.each(['\x0b', '\x0c', '\xa0', '\x85'])(
    'rejects %j around a length, since HTTP knows no such blank',
    (odd) => {
      expect(asWeRead(`HTTP/1.1 200 OK\r\nContent-Length: 5${odd}`)).toBeUndefined();
      expect(asWeRead(`HTTP/1.1 200 OK\r\nTransfer-Encoding:${odd}chunked`)).toBeUndefined();
    },
  );

  it('removes spaces and tabs around a value', () => {
    expect(asWeRead('HTTP/1.1 200 OK\r\nX-A: \t a b\t ')).toEqual(['X-A', 'a b']);
    expect(asWeRead('HTTP/1.1 200 OK\r\nX-A: \t')).toEqual(['X-A', '']);
  });
});
