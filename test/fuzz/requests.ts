import { connect } from 'node:net';
import fc from 'fast-check';
import { expect } from 'vitest';
import { mutatedJson } from './mutate.js';

const REQUEST = {
  ...{ code: 'echo hello', language: 'bash', stdin: 'in', compile_timeout: 5, run_timeout: 5 },
  ...{ memory_limit_MB: -1, files: { a: 'QUJD', 'b/c': null }, fetch_files: ['a', './b/c'] },
};

const head = fc.record({
  line: fc.constantFrom(
    'POST /run_code HTTP/1.1',
    'POST /run_code HTTP/1.0',
    'GET /run_code HTTP/1.1',
    'POST * HTTP/1.1',
  ),
  host: fc.constantFrom('Host: localhost', 'Host:', 'Host: a\r\nHost: b', 'X: y'),
  type: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/json; charset=x',
    ';',
    'multipart/form-data; boundary=x',
  ),
  extra: fc.constantFrom(
    '',
    'Expect: 100-continue\r\n',
    'Upgrade: h2c\r\nConnection: upgrade\r\n',
    'X: \u0001\r\n',
    `Y: ${'y'.repeat(9000)}\r\n`,
  ),
});

/** How a body is framed: well, in small chunks, too long, too short, or not at all. */
const framing = fc.constantFrom('length', 'chunks', 'longer', 'shorter', 'bad chunks', 'none');

type Framing = typeof framing extends fc.Arbitrary<infer F> ? F : never;

function framed(body: Buffer, how: Framing): Buffer {
  const length = { length: body.length, longer: body.length + 5, shorter: Math.max(0, body.length - 5) };
  if (how in length) {
    return Buffer.concat([
      Buffer.from(`Content-Length: ${length[how as keyof typeof length]}\r\n\r\n`),
      body,
    ]);
  }
  if (how === 'none') return Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Buffer[] = [Buffer.from('Transfer-Encoding: chunked\r\n\r\n')];
  for (let at = 0; at < body.length; at += 3) {
    const piece = body.subarray(at, at + 3);
    const size = how === 'chunks' ? piece.length : piece.length + 1;
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Sends so many requests that were changed by chance; the server answers each, or closes, and works afterwards. */
export async function fuzzRequests(url: string, count: number, seed: number): Promise<void> {
  const cases = fc.sample(fc.tuple(mutatedJson(REQUEST), head, framing), { numRuns: count, seed });
  const next = cases.entries();
  const worker = async () => {
    for (const [, [body, { line, host, type, extra }, how]] of next) {
      const start = Buffer.from(
        `${line}\r\n${host}\r\nConnection: close\r\nContent-Type: ${type}\r\n${extra}`,
        'latin1',
      );
      const answer = await exchange(url, Buffer.concat([start, framed(body, how)]));
      const shown = `${start}${how} ${body}`;
      if (answer !== '')
        expect([shown, answer]).toEqual([shown, expect.stringMatching(/^HTTP\/1\.1 [2345]\d\d /)]);
      // Only an infra failure is a 5xx, and no request is one.
      expect([shown, answer.slice(9, 12)]).not.toEqual([shown, '500']);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const ping = await fetch(`${url}/v1/ping`);
  expect(ping.status).toBe(200);
  const after = await fetch(`${url}/run_code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(REQUEST),
  });
  expect(await after.json()).toMatchObject({ status: 'Success', run_result: { stdout: 'hello\n' } });
}

const CONTINUE = /^HTTP\/1\.1 100 Continue\r\n\r\n/;

/** What comes back until the server closes; half of a request is given up once it is sent. */
function exchange(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    socket.setEncoding('latin1').on('data', (data) => (text += data));
    socket.on('error', () => undefined).on('close', () => resolve(text.replace(CONTINUE, '')));
    socket.end(bytes);
  });
}
