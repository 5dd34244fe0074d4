import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PROGRAM } from '../../gateway/start.js';
import { ok, type Upstream, upstream } from '../../gateway/upstream.js';
import { inParts } from '../../support/parts.js';
import { gatewayCli, gatewayFails } from './cli.js';

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const post = (url: string, init: RequestInit = {}) =>
  fetch(`${url}/run_code`, { method: 'POST', body: JSON.stringify(PROGRAM), ...init });
const healthy = async (url: string) => (await fetch(`${url}/healthz`)).status;

test('the gateway serves the servers of --endpoint, and exits with 0 at SIGTERM', async () => {
  const one = await server();
  const gateway = await gatewayCli(['--endpoint', `${one.url}/run_code`, '--listen', '127.0.0.1:0']);
  await expect.poll(() => healthy(gateway.url)).toBe(200);
  expect(await (await post(gateway.url)).json()).toMatchObject({ status: 'Success' });
  expect((await gateway.stop()).code).toBe(0);
});

test('at SIGTERM the gateway finishes requests under way and takes no new ones', async () => {
  const open: (() => void)[] = [];
  const one = await server(({ response }) => void open.push(() => ok(response)));
  const gateway = await gatewayCli(['--endpoint', one.url, '--listen', '127.0.0.1:0']);
  await expect.poll(() => healthy(gateway.url)).toBe(200);
  const asked = post(gateway.url);
  await expect.poll(() => open.length).toBe(1);
  const ended = gateway.stop();
  await expect.poll(() => healthy(gateway.url).catch(() => 'refused')).toBe('refused');
  open[0]?.();
  expect((await asked).status).toBe(200);
  expect((await ended).code).toBe(0);
});

test('the gateway takes another port if none is given and 8080 is taken', async () => {
  const one = await server();
  const first = await gatewayCli(['--endpoint', one.url]);
  const second = await gatewayCli(['--endpoint', one.url]);
  expect(second.url).not.toBe(first.url);
  expect(await healthy(second.url)).toBeGreaterThan(0);
  const address = new URL(second.url).host;
  const { code, stderr } = await gatewayFails(['--endpoint', one.url, '--listen', address]);
  expect([code, stderr]).toEqual([4, expect.stringContaining(`cannot listen on ${address}`)]);
});

test('the gateway requires its token except for /healthz, and never sends it to a server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'token'), 'SECRET\n');
  await writeFile(join(folder, 'other'), 'OTHER\n');
  const seen: (string | undefined)[] = [];
  const one = await server(({ request, response }) => {
    seen.push(request.headers.authorization);
    ok(response);
  });
  const log = join(folder, 'access');
  const words = [
    '--endpoint',
    one.url,
    '--listen',
    '127.0.0.1:0',
    '--token-file',
    'token',
    '--access-log',
    log,
  ];
  const gateway = await gatewayCli(
    words.map((word) => (word === 'token' ? join(folder, word) : word)),
    { SANDBOXCTL_ENDPOINT_TOKEN_FILE: join(folder, 'other') },
  );
  await expect.poll(() => healthy(gateway.url)).toBe(200);
  for (const sent of [undefined, 'Bearer wrong', 'SECRET']) {
    const headers: Record<string, string> = sent === undefined ? {} : { authorization: sent };
    expect((await post(gateway.url, { headers })).status).toBe(401);
  }
  expect((await post(gateway.url, { headers: { authorization: 'Bearer SECRET' } })).status).toBe(200);
  expect(seen).toEqual(['Bearer OTHER']);
  await gateway.stop();
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { method: 'POST', path: '/run_code', status: 200, end: 'answer', endpoint: one.url, tries: 1 },
  ]);
  expect(gateway.stderr() + lines.join('')).not.toMatch(/SECRET|OTHER|hello/);
});

for (const { rows, tags } of inParts<[string[], number, string]>(
  [
    [['--endpoint', 'node1:8080'], 2, 'invalid server URL: node1:8080'],
    [['--listen', 'nowhere'], 3, 'not an address to listen on: nowhere'],
    [['--fleet', 'nobody'], 7, "nothing is deployed under the name 'nobody'"],
    [
      ['--endpoint', 'http://node1:8080', '--access-log', '/dev/null/log'],
      3,
      'cannot write the access log /dev/null/log',
    ],
  ],
  1,
))
  test.each(rows)('the gateway refuses to start with %j', { tags }, async (args, code, words) => {
    const ended = await gatewayFails(args);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringContaining(words)]);
  });
