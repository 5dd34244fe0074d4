import { connect } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerProcess, startServer } from '../support/server-process.js';
import { type ServedCli, serveCli } from './serve/server.js';

/** A web page in a browser of this machine, of another site or after DNS rebinding: what it can make a browser send. */
let server: ServedCli;
let gateway: ServerProcess;
const urls: Record<string, string> = {};

beforeAll(async () => {
  server = await serveCli();
  const cli = new URL('../../bin/sandboxctl.js', import.meta.url).pathname;
  const words = ['gateway', '--listen', '127.0.0.1:0', '--endpoint', server.url];
  gateway = startServer([process.execPath, cli, ...words, '--allow-host', 'proxy.example']);
  urls.serve = server.url;
  urls.gateway = await gateway.ready();
});
afterAll(async () => {
  await gateway?.stop();
  await server?.stop();
});

const BODY = JSON.stringify({ language: 'python', code: 'print(6 * 7)' });

/** The whole answer to one request. A header of null is left out. */
function ask(
  url: string,
  line: string,
  headers: Record<string, string | null> = {},
  body = line.startsWith('POST') ? BODY : '',
): Promise<string> {
  const { hostname: at, port, host } = new URL(url);
  const all = {
    Host: host,
    Connection: 'close',
    ...(body && { 'Content-Length': `${body.length}` }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), at, () =>
      socket.write(`${[`${line} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`),
    );
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const POST = 'POST /run_code';

describe.each(['serve', 'gateway'])('%s', (name) => {
  const at = () => urls[name] ?? '';

  test.each([
    // A fetch with a Blob, and sendBeacon with bytes: no Content-Type, hence no preflight.
    ['a fetch without a type', POST, { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
    ['a fetch of an older browser', POST, { Origin: 'https://evil.example' }],
    ['a fetch without an origin', POST, { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }],
    ['a page of another port', POST, { Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'same-site' }],
    ['a sandboxed frame', POST, { Origin: 'null' }],
    ['a file', POST, { Origin: 'file://', ...JSON_TYPE }],
    ['a form', POST, { Origin: 'https://evil.example', 'Content-Type': 'text/plain' }],
    ['a preflight', 'OPTIONS /run_code', { Origin: 'https://evil.example' }],
    [
      'rebinding',
      POST,
      { Host: 'evil.example', Origin: 'http://evil.example', 'Sec-Fetch-Site': 'same-origin' },
    ],
    ['rebinding with a port', POST, { Host: 'evil.example:8080', ...JSON_TYPE }],
    ['rebinding, reading', 'GET /v1/languages', { Host: 'evil.example' }],
    ['rebinding, the metrics', 'GET /metrics', { Host: 'evil.example' }],
    ['rebinding, the page', 'GET /', { Host: 'evil.example' }],
    ['rebinding, the status', 'GET /_sandboxctl/snapshot.json', { Host: 'evil.example' }],
    ['a host that begins as ours', POST, { Host: '127.0.0.1.evil.example', ...JSON_TYPE }],
    ['a whole URL of another host', 'POST http://evil.example/run_code', JSON_TYPE],
    ['an encoded path', 'POST /run%5Fcode', { Origin: 'https://evil.example' }],
    ['another method', 'PUT /run_code', { Origin: 'https://evil.example' }],
  ] as const)('%s is refused', async (_name, line, headers) => {
    const answer = await ask(at(), line, headers);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    // Not '42': the Date of an answer may have it.
    expect(answer).not.toContain('stdout');
    expect(answer.toLowerCase()).not.toContain('access-control');
  });

  test.each([
    ['any client', JSON_TYPE],
    ['a client that sends no type', {}],
    ['a client by localhost', { ...JSON_TYPE, Host: 'localhost:1' }],
    ['a client by the host name', { ...JSON_TYPE, Host: `${hostname()}:8080` }],
    ['a client by another address', { ...JSON_TYPE, Host: '10.1.2.3:8080' }],
    ['a client by an IPv6 address', { ...JSON_TYPE, Host: '[::1]:8080' }],
    ['a client by a name of this network', { ...JSON_TYPE, Host: 'node7:8080' }],
    ['a person at the address bar', { ...JSON_TYPE, 'Sec-Fetch-Site': 'none' }],
    ['a page of its own', { ...JSON_TYPE, Host: 'localhost', Origin: 'http://localhost' }],
  ])('%s is served', async (_name, headers) => {
    expect(await ask(at(), POST, headers)).toMatch(/^HTTP\/1\.1 200 [\s\S]*42\\n/);
  });

  test('requests that cannot harm are served: reads from other sites, and health checks by any host name', async () => {
    const page = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
    expect(await ask(at(), 'GET /metrics', page)).toMatch(/^HTTP\/1\.1 200 /);
    const ping = name === 'serve' ? 'GET /v1/ping' : 'GET /healthz';
    expect(await ask(at(), ping, { ...page, Host: 'evil.example' })).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a host name of --allow-host is accepted', async () => {
    const status = name === 'gateway' ? 200 : 403;
    expect(await ask(at(), POST, { Host: 'proxy.example' })).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});
