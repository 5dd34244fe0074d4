import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoint, fleet } from '../endpoints/samples.js';
import { inParts } from '../support/parts.js';
import { cli, type Ended, ended, start } from './run.js';

let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-folder-'));
  const place = join(folder, 'state/fleets/sandbox');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'endpoints.json'), JSON.stringify(fleet([endpoint(0, { expires_at: null })])));
  const event = { schema_version: 1, time: '2026-01-01T00:00:00Z', fleet: 'sandbox', type: 'warning' };
  await writeFile(join(place, 'events.ndjson'), `${JSON.stringify(event)}\n`);
  env = {
    HOME: folder,
    PATH: process.env.PATH ?? '',
    SANDBOXCTL_CLUSTER: 'local',
    SANDBOXCTL_STATE_DIR: join(folder, 'state'),
  };
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a line in a folder that was deleted under its feet. */
function inDeleted(...line: string[]): Promise<Ended> {
  const script = 'd=$(mktemp -d -p "$PWD") && cd "$d" && rmdir "$d" && "$@"';
  return ended(start(['bash', '-c', script, 'bash', ...cli(...line)], { env, cwd: folder }));
}

describe('in a deleted folder', () => {
  const works: [string, string][] = [
    ['endpoints', '"fleet": "sandbox"'],
    ['status --fleet sandbox', ''],
    ['config show', 'cluster: local'],
    ['--version', '0.'],
    ['endpoints --format txt', 'http://node1:8080'],
    ['events', '"warning"'],
    ['stop --fleet none --yes', ''],
    ['init --print', 'cluster: local'],
    ['completion words -- deploy --fleet s', 'sandbox'],
    ['help environment', 'SANDBOXCTL_STATE_DIR'],
  ];
  for (const { rows, tags } of inParts(works, 3))
    it.each(rows)('%s works', { tags }, async (line, printed) => {
      const { code, stdout, stderr } = await inDeleted(...line.split(' '));
      expect(code, stderr).toBe(0);
      expect(stdout).toContain(printed);
      expect(stderr).not.toMatch(/bug|ENOENT|getcwd|hint/);
    });

  it('absolute paths work in a deleted folder', async () => {
    const file = join(folder, 'written.json');
    expect(await inDeleted('endpoints', '--write', file)).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(file, 'utf8')).toContain('"fleet": "sandbox"');
  });

  it('a configuration file above a deleted folder still applies', async () => {
    await writeFile(join(folder, 'sandboxctl.yaml'), 'port: 9123\n');
    expect((await inDeleted('config', 'show', '--origin')).stdout).toMatch(
      /^port: 9123 {2}# .*\/sandboxctl\.yaml:1$/m,
    );
    await rm(join(folder, 'sandboxctl.yaml'));
  });

  const needs: [string, number][] = [
    ['deploy --nodes 1', 2],
    ['run program.py', 125],
    ['init', 2],
    ['endpoints --write endpoints.json', 2],
    ['config show --config sandboxctl.yaml', 2],
    ['exec -- true', 125],
  ];
  for (const { rows, tags } of inParts(needs, 2))
    it.each(rows)('%s needs it, and says where to go', { tags }, async (line, expected) => {
      const { code, stdout, stderr } = await inDeleted(...line.split(' '));
      expect({ code, stdout }, stderr).toEqual({ code: expected, stdout: '' });
      expect(stderr).toMatch(/^error: the folder that this was called in is gone\n {2}.*\nhint: .*'cd ~'/);
    });
});

it('an empty or relative HOME is ignored: state never lands in the current folder', async () => {
  for (const HOME of ['', 'relative']) {
    const { SANDBOXCTL_STATE_DIR: _, ...rest } = env;
    const { stderr } = await ended(start(cli('logs', '1'), { env: { ...rest, HOME }, cwd: folder }));
    expect(stderr).toMatch(/looked in \/\S+\/sandboxctl\/fleets/);
    expect(stderr).not.toContain(folder);
  }
});

it('a umask that denies the user is corrected', { tags: 'matrix' }, async () => {
  const state = join(folder, 'masked');
  const script = 'umask 0777; "$@" && stat -c %a "$0" "$0"/*';
  const words = ['bash', '-c', script, state, ...cli('deploy', '--nodes', '1')];
  const told = await ended(
    start(words, { env: { ...env, SANDBOXCTL_STATE_DIR: state, SANDBOXCTL_WAIT: 'false' }, cwd: folder }),
  );
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout.trim().split('\n')).toEqual(['700', '700', '700']);
  await ended(start(cli('stop', '--yes'), { env: { ...env, SANDBOXCTL_STATE_DIR: state }, cwd: folder }));
});
