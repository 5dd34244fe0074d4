import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { formatForFile } from '../../src/endpoints/client-config.js';
import { renderFormat } from '../../src/endpoints/formats/render.js';
import type { EndpointsFile } from '../../src/endpoints/schema.js';
import { folder, refused } from './folder.js';
import { endpoint, fleet, NOW } from './samples.js';

const run = promisify(execFile);
const ONE = fleet([endpoint(0, { port: 8081 })]);
const TWO = fleet([endpoint(0), endpoint(1)]);
const GATEWAY = { url: 'http://node9:80', node: 'node9', job_id: '7', state: 'ready', auth: null } as const;

const render = (format: string, file: EndpointsFile) => renderFormat(format, file, { now: NOW });

async function shell(text: string, env: Record<string, string> = {}): Promise<string> {
  const path = join(folder(), 'client.sh');
  writeFileSync(path, text);
  return (await run('sh', [path], { env: { PATH: process.env.PATH, ...env } })).stdout;
}

describe('clients of one URL', () => {
  it('verl: a tool configuration, and the overrides for the reward', async () => {
    for (const [file, url] of [
      [ONE, 'http://node1:8081/run_code'],
      [{ ...TWO, gateway: GATEWAY }, 'http://node9:80/run_code'],
    ] as const) {
      const text = await render('verl', file);
      const [tool] = parse(text).tools;
      expect(tool.config).toMatchObject({ sandbox_fusion_url: url, type: 'native', default_timeout: 30 });
      // Quoted for Hydra too: in its grammar the brackets of an IPv6 address would be a list.
      expect(text).toContain(`#   'reward.sandbox_fusion.url="${url}"'\n`);
      expect(text).toContain(`#   'reward_model.sandbox_fusion.url="${url}"'\n`);
      expect(text).toContain(`#   reward.sandbox_fusion.max_concurrent=${file.endpoints.length * 96}\n`);
      expect(text).toMatch(/^# {3}export NO_PROXY=/m);
    }
  });

  it.each([
    ['sdk', 'SANDBOX_FUSION_ENDPOINT', 'http://node1:8081'],
    ['tinker', 'SANDBOX_URL', 'http://node1:8081/run_code'],
  ])('%s: its variable, and no proxy', async (format, name, value) => {
    const text = await render(format, ONE);
    const told = (env: Record<string, string>) => shell(`${text}\necho "$${name} $NO_PROXY $no_proxy"`, env);
    expect(await told({})).toBe(`${value} node1 node1\n`);
    expect(await told({ NO_PROXY: 'localhost' })).toBe(`${value} localhost,node1 localhost,node1\n`);
    const none = await shell(`${await render(format, fleet([]))}\nenv`);
    const names = none.split('\n').map((line) => line.split('=')[0]);
    expect(names.join()).not.toMatch(/SANDBOX|proxy/i);
  });

  it.each(['verl', 'sdk', 'tinker'])('%s refuses what it cannot say, and says what to do', async (format) => {
    const several = await refused(render(format, TWO));
    expect(several).toMatchObject({ kind: 'usage', message: expect.stringContaining('one URL') });
    expect(several.hint).toContain('--nodes 1');
    expect(several.hint).toContain("'sandboxctl deploy --gateway job'");
    const token = await refused(render(format, fleet([endpoint(0, { auth: 'bearer' })])));
    expect(token).toMatchObject({ kind: 'usage', message: expect.stringContaining('token') });
  });

  it('verl with nothing ready is refused: it would run the programs itself', async () => {
    expect(await refused(render('verl', fleet([])))).toMatchObject({ kind: 'usage' });
  });
});

it('curl asks every server, with the token where one is asked for, and through no proxy', async () => {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk) =>
      asked.push([request.url, JSON.parse(String(chunk)).language, request.headers.authorization]),
    );
    request.on('end', () => response.end('{"status": "Success"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const at = (auth: 'bearer' | null) => [0, 1].map((i) => endpoint(i, { host: '127.0.0.1', port, auth }));
  const env = { http_proxy: 'http://127.0.0.1:1', SANDBOXCTL_TOKEN: 'se cret' };
  expect(await shell(await render('curl', fleet(at(null))), env)).toBe('{"status": "Success"}\n'.repeat(2));
  await shell(await render('curl', fleet(at('bearer'))), env);
  expect(asked).toEqual([
    ...Array(2).fill(['/run_code', 'python', undefined]),
    ...Array(2).fill(['/run_code', 'python', 'Bearer se cret']),
  ]);
});

it('prometheus: what file_sd_configs reads, the servers also behind a gateway', async () => {
  const labels = (node: string, job: string) => ({ fleet: 'sandbox', node, slurm_job_id: job });
  expect(parse(await render('prometheus', { ...TWO, gateway: GATEWAY }))).toEqual([
    { targets: ['node9:80'], labels: labels('node9', '7') },
    { targets: ['node1:8080'], labels: labels('node1', '1000_0') },
    { targets: ['node2:8080'], labels: labels('node2', '1000_1') },
  ]);
  expect(parse(await render('prometheus', fleet([])))).toEqual([]);
});

it.each([
  ['verl.yaml', 'verl'],
  ['conf/my_verl_tool.yaml', 'verl'],
  ['tinker.env', 'tinker'],
  ['sdk.sh', 'sdk'],
  ['curl.sh', 'curl'],
  ['targets.prometheus.yml', 'prometheus'],
  ['overload.yaml', 'yaml'],
  ['verl/endpoints.json', 'json'],
])('a word of the name says the format: %s', (path, format) => expect(formatForFile(path)).toBe(format));
