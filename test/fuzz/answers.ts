import fc from 'fast-check';
import { expect } from 'vitest';
import { judgeInSlices } from '../../src/api/verdict.js';
import { MalformedResponse } from '../../src/gateway/upstream/head.js';
import { ResponseReader, type UpstreamResponse } from '../../src/gateway/upstream/response-reader.js';
import { finished } from '../client/servers.js';
import { mutatedJson } from './mutate.js';

const KINDS = ['program', 'infra', 'request'];
const status = fc.constantFrom(
  'HTTP/1.1 200 OK',
  'HTTP/1.1 302 Found',
  'HTTP/1.1 500 x',
  'HTTP/1.0 200',
  'HTTP/1.1 100 Continue',
);
const header = fc.constantFrom(
  '',
  'X-Sandboxctl-Infra-Error: x\r\n',
  'Content-Length: 5\r\n',
  'A:\r\n',
  'Retry-After: 1\r\n',
  'bad\r\n',
);
const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 });

/** Reads so many answers that were changed by chance, in pieces cut by chance: each is judged or refused. */
export async function fuzzAnswers(count: number, seed: number): Promise<void> {
  const body = mutatedJson(JSON.parse(finished('hello\n', { sandboxctl: { killed: 'memory' } })));
  const one = fc.tuple(body, status, header, fc.boolean(), changes, fc.integer({ min: 1, max: 50 }));
  for (const [json, line, extra, chunked, flips, step] of fc.sample(one, { numRuns: count, seed })) {
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${json.length}`;
    const framed = chunked
      ? Buffer.concat([Buffer.from(`${json.length.toString(16)}\r\n`), json, Buffer.from('\r\n0\r\n\r\n')])
      : json;
    const bytes = Buffer.concat([Buffer.from(`${line}\r\n${extra}${framing}\r\n\r\n`), framed]);
    for (const [at, byte] of flips) bytes[at % bytes.length] = byte;
    const answer = read(bytes, step);
    if (answer === undefined) continue;
    const verdict = await judgeInSlices(
      { status: answer.status, headers: {}, body: answer.body },
      { pause: async () => undefined },
    );
    expect(KINDS).toContain(verdict.kind);
    if (answer.status >= 300 && answer.status < 400) expect(verdict.kind).toBe('infra');
  }
}

function read(bytes: Buffer, step: number): UpstreamResponse | undefined {
  const reader = new ResponseReader('POST', 10_000);
  try {
    for (let at = 0; at < bytes.length; at += step) {
      const answer = reader.read(Buffer.from(bytes.subarray(at, at + step)));
      if (answer !== undefined) return answer;
    }
    return reader.end();
  } catch (error) {
    if (error instanceof MalformedResponse) return undefined;
    throw error;
  }
}
