import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { beforeEach, expect, test } from 'vitest';
import { PROGRAM } from '../../gateway/start.js';
import { ok, type Upstream, upstream } from '../../gateway/upstream.js';
import { type GatewayCli, gatewayCli } from './cli.js';

let one: Upstream;
beforeEach(async () => {
  one = await upstream(({ response }) => void setTimeout(() => ok(response), 20));
  return () => one.close();
});

/** On a connection of its own: processes get connections, not requests. */
function run(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const agent = new Agent();
    const sent = request(`${url}/run_code`, { method: 'POST', agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject).end(JSON.stringify(PROGRAM));
  });
}

const started = async (...args: string[]): Promise<GatewayCli> => {
  const gateway = await gatewayCli([
    '--endpoint',
    one.url,
    '--listen',
    '127.0.0.1:0',
    '--workers',
    '3',
    ...args,
  ]);
  await expect.poll(async () => (await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  return gateway;
};
const snapshot = async ({ url }: GatewayCli) =>
  (await (await fetch(`${url}/_sandboxctl/snapshot.json`)).json()) as {
    endpoints: { limit: number; state: string }[];
    requests: { answered: number };
  };
const children = ({ process }: GatewayCli) =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number);

test('gateway processes on one port keep the limits together and report as one', async () => {
  const gateway = await started('--endpoint-limit', '4');
  expect(children(gateway)).toHaveLength(3);
  const statuses = await Promise.all(Array.from({ length: 120 }, () => run(gateway.url)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(one.most).toBeLessThanOrEqual(4);
  const seen = await snapshot(gateway);
  expect(seen.requests.answered).toBe(120);
  expect(seen.endpoints).toHaveLength(1);
  const page = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(page).toContain('sandboxctl_gateway_requests_total{end="answer"} 120\n');
  expect((await gateway.stop()).code).toBe(0);
});

test('gateway processes stay silent on stderr under many concurrent status requests and SIGUSR1', async () => {
  const gateway = await gatewayCli(
    ['--endpoint', one.url, '--listen', '127.0.0.1:0', '--workers', '2', '--grace', '30d'],
    { NODE_OPTIONS: '--trace-warnings' },
  );
  for (let round = 0; round < 12; round++) await snapshot(gateway);
  await Promise.all(Array.from({ length: 12 }, () => snapshot(gateway)));
  for (const pid of [...children(gateway), gateway.process.pid ?? 0]) process.kill(pid, 'SIGUSR1');
  expect((await snapshot(gateway)).endpoints).toHaveLength(1);
  const { code, stderr } = await gateway.stop();
  expect(code, stderr).toBe(0);
  expect(stderr).not.toMatch(/\(node:|Debugger|Warning/);
});

test('gateway processes serve all requests with fewer slots than processes', {
  tags: 'matrix',
}, async () => {
  const gateway = await started('--endpoint-limit', '1');
  const statuses = await Promise.all(Array.from({ length: 12 }, () => run(gateway.url)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(one.most).toBe(1);
});

test('a killed gateway process is replaced, and all processes end with the gateway', {
  tags: 'matrix',
}, async () => {
  const gateway = await started('--endpoint-limit', '8');
  const [first = 0] = children(gateway);
  process.kill(first, 'SIGKILL');
  await expect.poll(() => children(gateway).filter((pid) => pid !== first).length).toBe(3);
  await expect.poll(async () => (await snapshot(gateway)).endpoints[0]?.limit).toBe(8);
  expect(await run(gateway.url)).toBe(200);
  const others = children(gateway);
  await gateway.stop('SIGKILL');
  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(() => others.filter(alive)).toEqual([]);
});

test('several gateway processes report a taken port with a single error', { tags: 'matrix' }, async () => {
  const gateway = await started();
  const again = gatewayCli(['--endpoint', one.url, '--listen', new URL(gateway.url).host, '--workers', '2']);
  await expect(again).rejects.toThrow(/ended with 4, .*cannot listen on 127\.0\.0\.1/s);
});
