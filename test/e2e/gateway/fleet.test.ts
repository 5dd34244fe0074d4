import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { PROGRAM } from '../../gateway/start.js';
import { ok, type Upstream, upstream } from '../../gateway/upstream.js';
import { specOf } from '../../script/specs.js';
import { ownPorts } from '../../support/ports.js';
import { type GatewayCli, gatewayCli } from './cli.js';

type Finished = (end: () => Promise<void>) => void;

/** A fleet's folder, and what a test does with it. Most of the time they wait, so the tests go side by side. */
async function fleetFor(finished: Finished) {
  const state = await mkdtemp(join(tmpdir(), 'sandboxctl-gateways-'));
  const folder = join(state, 'fleets', 'train');
  finished(() => rm(state, { recursive: true }));
  await mkdir(join(folder, 'registrations'), { recursive: true });
  await writeFile(join(folder, 'spec.json'), JSON.stringify(specOf({ fleet: 'train', nodes: 1 })));
  return {
    folder,
    state,
    server: async (...words: Parameters<typeof upstream>): Promise<Upstream> => {
      const made = await upstream(...words);
      finished(() => made.close());
      return made;
    },
    list: (servers: readonly Upstream[], cpus: number) => list(folder, servers, cpus),
    started: (...args: string[]) =>
      gatewayCli(['--fleet', 'train', ...args], { SANDBOXCTL_STATE_DIR: state }, finished),
  };
}

/** The endpoints file as `deploy` writes it. */
async function list(folder: string, servers: readonly Upstream[], cpus: number): Promise<void> {
  const endpoints = servers.map(({ url }, instance) => ({
    ...{ instance, url, host: '127.0.0.1', port: Number(new URL(url).port), node: `node${instance}` },
    ...{ job_id: `7_${instance}`, state: 'ready', reachable: true, since: '2026-01-01T00:00:00Z' },
    ...{ expires_at: null, cpus, auth: null },
  }));
  const file = { schema_version: 1, fleet: 'train', generation: 1, updated_at: '2026-01-01T00:00:00Z' };
  await writeFile(join(folder, 'endpoints.json'), JSON.stringify({ ...file, gateway: null, endpoints }));
}

const post = (url: string) => fetch(`${url}/run_code`, { method: 'POST', body: JSON.stringify(PROGRAM) });
const seen = async ({ url }: GatewayCli) =>
  (await (await fetch(`${url}/_sandboxctl/snapshot.json`)).json()) as {
    endpoints: { url: string; limit: number; state: string; node: string }[];
  };
const limits = async (gateway: GatewayCli) => (await seen(gateway)).endpoints.map(({ limit }) => limit);

test.concurrent('the gateway follows the endpoints file and publishes itself while it runs', async ({
  expect,
  onTestFinished,
}) => {
  const { folder, server, list, started } = await fleetFor(onTestFinished);
  const [one, two] = [await server(), await server()];
  await list([one], 3);
  const gateway = await started('--listen', '127.0.0.1:0');
  await expect.poll(() => limits(gateway)).toEqual([3]);
  expect((await post(gateway.url)).status).toBe(200);
  const [name = ''] = await readdir(join(folder, 'gateways'));
  const told = JSON.parse(await readFile(join(folder, 'gateways', name), 'utf8'));
  expect(told).toMatchObject({ url: gateway.url, pid: gateway.process.pid, auth: null, schema_version: 1 });
  await list([two], 3);
  await expect
    .poll(async () => (await seen(gateway)).endpoints)
    .toMatchObject([{ url: two.url, state: 'in' }]);
  expect((await post(gateway.url)).status).toBe(200);
  expect([one.runs, two.runs]).toEqual([1, 1]);
  await gateway.stop();
  expect(await readdir(join(folder, 'gateways'))).toEqual([]);
});

test.concurrent('the gateway believes a job’s registration more than the endpoints file', {
  tags: 'matrix',
}, async ({ expect, onTestFinished }) => {
  const { folder, server, list, started } = await fleetFor(onTestFinished);
  const one = await server(
    ({ response }) => ok(response),
    (response, right) => void response.end(right.replace(':\\n', ':NONCE\\n')),
  );
  await list([one], 2);
  const registration = (changes: object) =>
    writeFile(
      join(folder, 'registrations', '7_0.json'),
      JSON.stringify({
        ...{ schema_version: 1, job_id: '7_0', instance: 0, submission: 's', node: 'node0', host: '' },
        ...{ addresses: [], port: Number(new URL(one.url).port), nonce: 'OTHER', cpus: 5, state: 'ready' },
        ...{ exit_code: null, log: '/x', beat: 1, ...changes },
      }),
    );
  await registration({});
  const gateway = await started('--listen', '127.0.0.1:0', '--canary-every', '1s');
  // Another job's server answers there.
  await expect.poll(() => one.canaries).toBeGreaterThan(2);
  expect((await seen(gateway)).endpoints).toMatchObject([{ state: 'new', limit: 5, node: 'node0' }]);
  await registration({ nonce: 'NONCE', beat: 2 });
  await expect.poll(async () => (await seen(gateway)).endpoints).toMatchObject([{ state: 'in' }]);
  await registration({ nonce: 'NONCE', state: 'gone', beat: 3 });
  await expect.poll(async () => (await seen(gateway)).endpoints).toEqual([]);
});

test.concurrent('two gateways share the limits, and a killed one’s slots go to the other', {
  tags: 'matrix',
}, async ({ expect, onTestFinished }) => {
  const { server, list, started } = await fleetFor(onTestFinished);
  const one = await server(({ response }) => void setTimeout(() => ok(response), 5));
  await list([one], 4);
  const first = await started('--listen', '127.0.0.1:0');
  await expect.poll(() => limits(first)).toEqual([4]);
  // Nobody takes it while nothing listens there.
  const ports = await ownPorts();
  onTestFinished(ports.release);
  const second = await started('--listen', `127.0.0.1:${ports.first}`);
  // It needs none yet.
  await expect.poll(() => limits(second)).toEqual([0]);
  expect(await limits(first)).toEqual([4]);
  const asked = [first, second].flatMap(({ url }) =>
    Array.from({ length: 100 }, async () => (await post(url)).status),
  );
  expect(new Set(await Promise.all(asked))).toEqual(new Set([200]));
  expect(one.most).toBeLessThanOrEqual(4);
  await second.stop('SIGKILL');
  const again = await started('--listen', new URL(second.url).host);
  expect((await post(again.url)).status).toBe(200);
  await again.stop('SIGKILL');
  await expect.poll(() => limits(first)).toEqual([4]);
});

test.concurrent('the gateway reports an outage once when it begins and ends, and runs the --on-outage command', async ({
  expect,
  onTestFinished,
}) => {
  const { state, server, list, started } = await fleetFor(onTestFinished);
  const one = await server();
  await list([one], 4);
  const marks = join(state, 'marks');
  const command = `echo began >>${marks}; echo TOLD`;
  const gateway = await started('--listen', '127.0.0.1:0', '--canary-every', '1s', '--on-outage', command);
  await expect.poll(async () => (await seen(gateway)).endpoints).toMatchObject([{ state: 'in' }]);
  await list([], 4);
  await expect.poll(() => readFile(marks, 'utf8').catch(() => '')).toBe('began\n');
  // It waits for the end of the outage.
  const asked = post(gateway.url);
  await list([one], 4);
  expect((await asked).status).toBe(200);
  await expect.poll(() => gateway.stderr()).toContain('outage is over');
  expect(gateway.stderr()).toContain('on-outage: TOLD\n');
  const page = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(page).toContain('sandboxctl_gateway_outages_total 1\n');
  expect(await readFile(marks, 'utf8')).toBe('began\n');
});
