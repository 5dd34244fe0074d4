import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { writeEndpoints } from '../../../src/endpoints/file.js';
import type { EndpointsFile } from '../../../src/endpoints/schema.js';
import { cli, ended, onTerminal, sandboxctl, start } from '../../cli/run.js';
import { folder } from '../../endpoints/folder.js';
import { endpoint, fleet, GATEWAY, pending } from '../../endpoints/samples.js';
import { specOf } from '../../script/specs.js';

const FUTURE = new Date(Date.now() + 86_400_000).toISOString();
const PAST = new Date(Date.now() - 1_000).toISOString();
const MIXED = fleet(
  [
    endpoint(0, { expires_at: FUTURE }),
    endpoint(1, { expires_at: null, reachable: false }),
    endpoint(2, { expires_at: PAST }),
    pending(3),
  ],
  { updated_at: new Date().toISOString() },
);

/** A state folder with one fleet, and a PATH whose every Slurm tool leaves a mark. */
async function deployed(file: EndpointsFile | undefined) {
  const root = folder();
  const home = join(root, 'state/fleets/sandbox');
  mkdirSync(home, { recursive: true });
  mkdirSync(join(root, 'bin'));
  for (const tool of ['squeue', 'sbatch', 'scontrol', 'sinfo', 'sacct']) {
    writeFileSync(join(root, 'bin', tool), `#!/bin/sh\ntouch ${root}/asked\n`);
    chmodSync(join(root, 'bin', tool), 0o755);
  }
  const path = join(home, 'endpoints.json');
  const put = (next: EndpointsFile) => writeEndpoints(path, next);
  if (file !== undefined) await put(file);
  const options = {
    env: { SANDBOXCTL_STATE_DIR: join(root, 'state'), PATH: `${root}/bin:${process.env.PATH}` },
    cwd: root,
  };
  return {
    root,
    path,
    put,
    options,
    run: (...args: string[]) => sandboxctl(['endpoints', ...args], options),
    asked: () => existsSync(join(root, 'asked')),
  };
}

const instances = (text: string) =>
  (JSON.parse(text) as EndpointsFile).endpoints.map(({ instance }) => instance);

it('endpoints prints the ready servers as JSON into a pipe, and contacts neither Slurm nor servers', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const at = await deployed(fleet([endpoint(0, { host: '127.0.0.1', port, expires_at: null })]));
  const { code, stdout, stderr } = await at.run();
  const age = expect.stringMatching(
    /^seen \d+d \d+h ago; 'sandboxctl endpoints --fleet sandbox --check' asks now\n$/,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: age });
  expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(at.path, 'utf8')));
  expect(at.asked()).toBe(false);
  expect(connections).toBe(0);
});

it('endpoints always omits expired servers, and without --all those that are not ready', async () => {
  const at = await deployed(MIXED);
  expect(instances((await at.run()).stdout)).toEqual([0, 1]);
  expect(instances((await at.run('--all')).stdout)).toEqual([0, 1, 3]);
});

it('endpoints prints a table on a terminal, unless a format is named', async () => {
  const at = await deployed(MIXED);
  const lines = async (columns: number) => {
    const shown = await onTerminal(cli('endpoints', '--all'), { columns }, at.options);
    return shown.stdout.replaceAll('\r', '').split('\n');
  };
  expect(await lines(80)).toEqual([
    'INSTANCE  STATE               JOB     NODE   URL                TIME LEFT',
    '0         ready               1000_0  node1  http://node1:8080  23h 59m',
    '1         ready, unreachable  1000_1  node2  http://node2:8080  -',
    '3         pending             1000_3  -      -                  -',
    '',
  ]);
  expect(await lines(50)).toEqual([
    'INSTANCE  STATE               URL',
    '0         ready               http://node1:8080',
    '1         ready, unreachable  http://node2:8080',
    '3         pending             -',
    '',
  ]);
  expect((await lines(30)).slice(0, 4)).toEqual([
    '0  ready',
    '  job: 1000_0',
    '  node: node1',
    '  url: http://node1:8080',
  ]);
  const json = await onTerminal(cli('endpoints', '--format', 'json'), {}, at.options);
  expect(instances(json.stdout)).toEqual([0, 1]);
  expect((await at.run('--format', 'table')).stdout).toMatch(/^INSTANCE {2}STATE/);
});

it('endpoints prints an empty list if no server is ready, and the reason on a terminal', async () => {
  const at = await deployed(fleet([pending(0), pending(1)]));
  const piped = await at.run();
  expect(piped).toMatchObject({ code: 0, stderr: expect.stringContaining('--check') });
  expect(instances(piped.stdout)).toEqual([]);
  const shown = await onTerminal(cli('endpoints'), {}, at.options);
  expect(shown.stdout).toContain('no endpoint is ready (2 pending)');
  expect(shown.stdout).toContain("ago; 'sandboxctl endpoints --check' asks now");
});

it('endpoints exits with 7 without a fleet, and prints an empty list for a fleet without a file', async () => {
  const at = await deployed(undefined);
  const absent = await at.run();
  expect(absent).toMatchObject({ code: 7, stdout: '' });
  expect(absent.stderr).toMatch(/^error: nothing is deployed under the name 'sandbox'\n/);
  writeFileSync(join(at.path, '../spec.json'), JSON.stringify(specOf({ fleet: 'sandbox', generation: 1 })));
  const begun = await at.run();
  expect(begun.code).toBe(0);
  expect(JSON.parse(begun.stdout)).toMatchObject({ generation: 1, gateway: null, endpoints: [] });
});

it('endpoints exits with 3 for an invalid file and suggests a fix', async () => {
  const at = await deployed(undefined);
  writeFileSync(at.path, '{"schema_version":1,');
  const { code, stdout, stderr } = await at.run();
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(/endpoints\.json is no endpoints file.*\nhint: .*endpoints --check/s);
});

it('endpoints --write uses the format of the extension or of --format', async () => {
  const at = await deployed(MIXED);
  expect(await at.run('--write', 'e.yaml')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(parse(readFileSync(join(at.root, 'e.yaml'), 'utf8')).endpoints).toHaveLength(2);
  expect(await at.run('--write', 'e.yaml', '--format', 'txt')).toMatchObject({ code: 0 });
  expect(readFileSync(join(at.root, 'e.yaml'), 'utf8')).toBe('http://node1:8080\nhttp://node2:8080\n');
  expect(await at.run('--write', 'e')).toMatchObject({ code: 2, stdout: '' });
});

it('endpoints --direct omits the gateway', async () => {
  const at = await deployed({ ...MIXED, gateway: GATEWAY });
  expect((await at.run('--format', 'txt')).stdout).toBe('http://node9:8080\n');
  expect((await at.run('--format', 'txt', '--direct')).stdout).toBe('http://node1:8080\nhttp://node2:8080\n');
});

it('endpoints --watch prints changes as NDJSON into a pipe and exits with 130', async () => {
  const at = await deployed(fleet([endpoint(0, { expires_at: null })]));
  const child = start(cli('endpoints', '--watch', '--write', 'urls.txt'), at.options);
  const lines: string[] = [];
  const heard = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (lines.length >= count) resolve();
        else setTimeout(look, 20);
      };
      look();
    });
  child.stdout?.on('data', (chunk: Buffer) => lines.push(...`${chunk}`.trimEnd().split('\n')));
  const end = ended(child);
  await heard(1);
  await at.put(
    fleet([endpoint(0, { expires_at: null, state: 'unhealthy' }), endpoint(1, { expires_at: null })]),
  );
  await heard(3);
  expect(readFileSync(join(at.root, 'urls.txt'), 'utf8')).toBe('http://node2:8080\n');
  rmSync(at.path);
  await heard(4);
  child.kill('SIGINT');
  expect(await end).toMatchObject({ code: 130, stderr: '' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      schema_version: 1,
      fleet: 'sandbox',
      type: 'endpoints',
      instance: 0,
      state: 'ready',
      data: { change: 'added' },
    },
    { instance: 0, data: { change: 'removed', endpoint: null } },
    { instance: 1, state: 'ready', data: { change: 'added', endpoint: { url: 'http://node2:8080' } } },
    { instance: 1, data: { change: 'removed' } },
  ]);
});

it('endpoints --watch prints lines on a terminal and refuses contradicting flags', async () => {
  const at = await deployed(fleet([endpoint(0, { expires_at: null })]));
  const shown = await onTerminal(
    cli('endpoints', '--watch'),
    { waitFor: 'node1', send: '\\x03' },
    at.options,
  );
  expect(shown.stdout).toMatch(/^\d\d:\d\d:\d\d {2}instance 0 ready {2}http:\/\/node1:8080/);
  expect(await at.run('--watch', '--format', 'txt')).toMatchObject({ code: 2 });
});
