import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPart } from '../../src/control/templates.js';

const run = promisify(execFile);
const server = createServer(async (request: IncomingMessage, response) => {
  const { method, url, headers } = request;
  const type = headers['content-type'] ?? null;
  response.end(JSON.stringify([method, url, type, await text(request)]));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => server.close());

async function ask(...request: string[]): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  const script = `${await readPart('http')}\nbash -c "$HTTP" http 127.0.0.1 "$@"`;
  const { stdout } = await run('bash', ['-c', script, 'ask', String(port), ...request]);
  expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  return JSON.parse(stdout.split('\r\n\r\n')[1]?.replace(/^[^[]*|[^\]]*$/g, '') ?? '');
}

test('bash alone asks a server by GET, without a body', async () => {
  expect(await ask('GET', '/healthz')).toEqual(['GET', '/healthz', null, '']);
});

test('bash alone posts JSON to a server, whatever stands in it', async () => {
  const body = JSON.stringify({ code: `print("100%s '$HOME' \\n")`, language: 'python' });
  expect(await ask('POST', '/run_code', body)).toEqual(['POST', '/run_code', 'application/json', body]);
});
