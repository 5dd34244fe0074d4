import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ResponseReader } from '../../src/gateway/upstream/response-reader.js';

interface Response {
  status: number;
  headers: string[];
  body: string;
}

/** Sends every client the bytes of `next`, and closes the connection. */
let server: Server;
let next: Buffer = Buffer.alloc(0);
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(next));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** What Node's own client makes of the bytes; undefined if it rejects them. */
async function readByNode(bytes: Buffer): Promise<Response | undefined> {
  next = bytes;
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part)).on('error', () => resolve(undefined));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.rawHeaders,
          body: Buffer.concat(parts).toString('latin1'),
        }),
      );
    });
    // A rejected response ends with 'error' or, where the server wants another protocol, with 'close' alone.
    sent.on('error', () => resolve(undefined)).on('close', () => setImmediate(resolve, undefined));
    sent.end();
  });
}

/** What ours makes of them when they arrive cut at `cuts`; undefined if it rejects them. */
function readByUs(bytes: Buffer, cuts: readonly number[] = []): Response | undefined {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const reader = new ResponseReader('GET', 2 ** 20);
  try {
    let from = 0;
    for (const to of [...places, bytes.length]) {
      const response = reader.read(Buffer.from(bytes.subarray(from, to)));
      // What follows a whole response is unsolicited: the connection rejects it.
      if (response !== undefined) return to === bytes.length ? plain(response) : undefined;
      from = to;
    }
    const response = reader.end();
    return response && plain(response);
  } catch {
    return undefined;
  }
}

const plain = ({ status, headers, body }: { status: number; headers: string[]; body: Buffer }): Response => ({
  ...{ status, headers, body: body.toString('latin1') },
});

const body = fc.string({ unit: fc.constantFrom(...'ab\r\n0:;\0\xff'), maxLength: 40 });
const header = fc
  .tuple(fc.constantFrom('X-A', 'x-b', 'Content-Type'), fc.constantFrom('', 'a', ' a b', '\tc\t', '"\xe9"'))
  .map(([name, value]) => `${name}:${value}`);
const chunk = fc
  .record({
    data: fc.string({ unit: fc.constantFrom(...'ab\r\n0\xff'), minLength: 1, maxLength: 30 }),
    zeros: fc.constantFrom('', '0', '000'),
    extension: fc.constantFrom('', ';x', ';x=y', ';x="y z"'),
  })
  .map(({ data, zeros, extension }) => `${zeros}${data.length.toString(16)}${extension}\r\n${data}\r\n`);

/** The header that delimits a body, and the body as it is sent. */
const framed = fc.oneof(
  body.map((text) => ({ framing: [`Content-Length: ${text.length}`], sent: text })),
  body.map((text) => ({ framing: ['Connection: close'], sent: text })),
  fc
    .record({ chunks: fc.array(chunk, { maxLength: 4 }), trailers: fc.array(header, { maxLength: 2 }) })
    .map(({ chunks, trailers }) => ({
      framing: ['Transfer-Encoding: chunked'],
      sent: `${chunks.join('')}0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`,
    })),
);

const valid = fc
  .record({
    interim: fc.array(fc.constantFrom('100 Continue', '103 Early Hints'), { maxLength: 2 }),
    status: fc.constantFrom('200 OK', '404 Not Found', '500 ', '299 X'),
    before: fc.array(header, { maxLength: 2 }),
    framed,
    after: fc.array(header, { maxLength: 2 }),
  })
  .map(({ interim, status, before, framed: { framing, sent }, after }) => {
    const early = interim.map((line) => `HTTP/1.1 ${line}\r\n\r\n`).join('');
    const lines = [`HTTP/1.1 ${status}`, ...before, ...framing, ...after];
    return Buffer.from(`${early}${lines.join('\r\n')}\r\n\r\n${sent}`, 'latin1');
  });
const cuts = fc.array(fc.nat(400), { maxLength: 12 });

/** Bytes with some of them replaced, removed or added. */
const damage = fc.array(
  fc.record({
    at: fc.nat(300),
    remove: fc.nat(2),
    add: fc.string({ unit: fc.constantFrom(...'\r\n :;,0159afx\t\0\xff-+'), maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);
function damaged(bytes: Buffer, changes: { at: number; remove: number; add: string }[]): Buffer {
  let text = bytes.toString('latin1');
  for (const { at, remove, add } of changes) {
    const place = at % (text.length + 1);
    text = text.slice(0, place) + add + text.slice(place + remove);
  }
  return Buffer.from(text, 'latin1');
}

describe('the parser of HTTP responses', () => {
  it("reads every valid response as Node's own parser does, wherever the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(valid, cuts, async (bytes, places) => {
        const expected = await readByNode(bytes);
        expect(expected).toBeDefined();
        expect(readByUs(bytes)).toEqual(expected);
        expect(readByUs(bytes, places)).toEqual(expected);
      }),
      { numRuns: 200, seed: 9 },
    );
  });

  it("never reads a damaged response differently from Node's own parser", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(valid, damage, cuts, async (bytes, changes, places) => {
        const bad = damaged(bytes, changes);
        const ours = readByUs(bad);
        expect(readByUs(bad, places)).toEqual(ours);
        if (ours === undefined) return;
        // Node also rejects malformed trailers, which we drop unread.
        const nodes = await readByNode(bad);
        if (nodes !== undefined) expect(ours).toEqual(nodes);
        compared += Number(nodes !== undefined);
      }),
      { numRuns: 600, seed: 9 },
    );
    expect(compared).toBeGreaterThan(50);
  });
});
