import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.js';
import { cli, onTerminal, sandboxctl } from '../../cli/run.js';
import { GPU_SITE, type Site, site } from './slurm.js';

/** `init` at a site, and what its file then says. */
async function initAt(from: Site, ...args: string[]) {
  const at = site(from);
  const done = await sandboxctl(['init', ...args], at);
  return { ...at, ...done, ...(await read(at)) };
}

async function read({ cwd, root }: { cwd: string; root: string }) {
  const path = join(cwd, 'sandboxctl.yaml');
  if (!existsSync(path)) return { path, text: '', config: undefined, origins: undefined };
  const { config, origins } = await loadConfig({ flags: {}, env: {}, cwd, home: root });
  return { path, text: readFileSync(path, 'utf8'), config, origins };
}

describe('init on Slurm', () => {
  it('writes a valid file for the best partition, with the others as comments', async () => {
    const { code, stdout, stderr, path, text, config, origins, root } = await initAt(GPU_SITE);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${path}\n`,
      stderr: 'next: sandboxctl import-image, then sandboxctl deploy\n',
    });
    expect(config).toMatchObject({ partition: 'cpuonly', nodes: 1 });
    expect(
      Object.entries(origins ?? {})
        .filter(([, from]) => from !== 'default')
        .map(([key]) => key),
    ).toEqual(expect.arrayContaining(['partition', 'nodes']));
    expect(text).toMatch(/^# sandboxctl\.yaml for the cluster east, written by 'sandboxctl init' on \d{4}-/);
    await expect(text.replace(/ on \d{4}-\d\d-\d\d/, ' on DAY')).toMatchFileSnapshot('gpu-site.yaml');
    expect(readFileSync(join(root, 'asked'), 'utf8').trim().split('\n').sort()).toEqual([
      'scontrol show config',
      'sinfo -h -a -N -o %N|%o|%P|%c|%l|%a|%T|%m|%G|%s',
      'sinfo -h -o %R',
      'srun --help',
    ]);
  });

  it('writes valid values in its comments too', async () => {
    const { cwd, root, path, text } = await initAt(GPU_SITE);
    writeFileSync(path, text.replace(/^#(?=\w+: )/gm, ''));
    const { config } = await read({ cwd, root });
    expect(config).toMatchObject({ time: '2-00:00:00', runtime: 'pyxis', account: 'research' });
  });

  it.each([
    [{}, '#runtime: auto\n', 'next: sandboxctl deploy\n'],
    [{ enroot: true }, '#runtime: enroot\n', 'next: sandboxctl import-image, then sandboxctl deploy\n'],
  ])('without pyxis, %j: %s', async (more, line, next) => {
    const { text, stderr } = await initAt({ ...GPU_SITE, srun: [], ...more });
    expect(text).toContain(`\n${line}`);
    expect(stderr).toBe(next);
  });

  it('uses flags and environment, and names them', { tags: 'matrix' }, async () => {
    const at = site(GPU_SITE);
    const env = { ...at.env, SBATCH_PARTITION: 'gpu', SBATCH_ACCOUNT: 'physics' };
    const done = await sandboxctl(['init', '--nodes', '2', '-M', 'west'], { ...at, env });
    expect(done.code, done.stderr).toBe(0);
    const { config, text } = await read(at);
    expect(config).toMatchObject({ partition: 'gpu', nodes: 2, account: 'physics', clusterName: 'west' });
    expect(text).toContain('# gpu: from SBATCH_PARTITION. It has 2 nodes of 64 CPUs, 1007 GB and 8 GPUs');
    expect(readFileSync(join(at.root, 'asked'), 'utf8')).toContain('sinfo -M west ');
  });

  it('accepts a list of partitions, with all their nodes and the shortest time limit', {
    tags: 'matrix',
  }, async () => {
    const { code, stderr, config, text } = await initAt(GPU_SITE, '--partition', 'gpu,cpuonly');
    expect(code, stderr).toBe(0);
    expect(config).toMatchObject({ partition: 'gpu,cpuonly' });
    expect(text).toContain('each a job on a node of its own: the partition has 5,');
    const unknown = await initAt(GPU_SITE, '--partition', 'gpu,nosuch');
    expect(unknown).toMatchObject({ code: 5, stderr: expect.stringContaining("no partition 'nosuch'") });
  });

  it('reports why no partition accepts jobs', { tags: 'matrix' }, async () => {
    const none = await initAt({ ...GPU_SITE, open: ['other'] });
    expect(none).toMatchObject({ code: 5, stdout: '', text: '' });
    expect(none.stderr).toMatch(/no partition here accepts your jobs\n[\s\S]*gpu: .*not for your groups/);
    const unknown = await initAt(GPU_SITE, '--partition', 'nosuch');
    expect(unknown).toMatchObject({ code: 5, text: '' });
    const many = await initAt(GPU_SITE, '--nodes', '4');
    expect(many).toMatchObject({ code: 2, text: '' });
    expect(many.stderr).toContain("the number of servers must be from 1 to 3 (got '4')");
  });
});

it('init without Slurm writes a file for this machine', { tags: 'matrix' }, async () => {
  const at = site(GPU_SITE);
  const done = await sandboxctl(['init', '--nodes', '2'], {
    ...at,
    env: { ...at.env, PATH: join(at.root, 'nothing') },
  });
  expect(done).toMatchObject({ code: 0, stderr: 'next: sandboxctl deploy\n' });
  const { config, text } = await read(at);
  expect(config).toMatchObject({ cluster: 'local', nodes: 2, partition: null });
  expect(text).toMatch(/They share this machine's \d+ CPUs and \d+ GB\./);
  expect(existsSync(join(at.root, 'asked'))).toBe(false);
});

describe('the file that init writes', () => {
  it.each(['file', 'folder', 'link to nowhere'])('is never overwritten: a %s', async (kind) => {
    const at = site(GPU_SITE);
    const path = join(at.cwd, 'sandboxctl.yaml');
    if (kind === 'file') writeFileSync(path, 'nodes: [broken\n');
    else if (kind === 'folder') mkdirSync(path);
    else symlinkSync('/nonexistent/x', path);
    const done = await sandboxctl(['init'], at);
    expect(done).toMatchObject({ code: 2, stdout: '' });
    expect(done.stderr).toMatch(/exists already and was not changed\nhint: .*--output-file/);
    if (kind === 'file') expect(readFileSync(path, 'utf8')).toBe('nodes: [broken\n');
    expect(existsSync(join(at.root, 'asked'))).toBe(false);
  });

  it('may have another name, or be printed', { tags: 'matrix' }, async () => {
    const at = site(GPU_SITE);
    mkdirSync(join(at.cwd, 'conf'));
    const named = await sandboxctl(['init', '-o', 'conf/east.yaml'], at);
    expect(named.stdout).toBe(`${join(at.cwd, 'conf/east.yaml')}\n`);
    const flag = `--config ${join(at.cwd, 'conf/east.yaml')}`;
    expect(named.stderr).toBe(`next: sandboxctl import-image ${flag}, then sandboxctl deploy ${flag}\n`);
    const printed = await sandboxctl(['init', '--print'], at);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    expect(printed.stdout).toBe(readFileSync(join(at.cwd, 'conf/east.yaml'), 'utf8'));
    expect(readdirSync(at.cwd)).toEqual(['conf']);
    const nowhere = await sandboxctl(['init', '-o', 'nosuch/east.yaml'], at);
    expect(nowhere).toMatchObject({ code: 3, stderr: expect.stringContaining('ENOENT') });
  });
});

describe('the question that init asks', () => {
  const asked = (send: string, ...args: string[]) => {
    const at = site(GPU_SITE);
    const terminal = { waitFor: '[1]', send };
    return onTerminal(cli('init', ...args), terminal, at).then(async (done) => ({
      ...done,
      ...(await read(at)),
    }));
  };

  it('is the number of servers; Enter means 1', async () => {
    const three = await asked('3\\n');
    expect(three.stdout).toContain('How many servers, each on one of the 3 nodes of cpuonly? [1]');
    expect(three.config).toMatchObject({ nodes: 3 });
    expect((await asked('\\n')).config).toMatchObject({ nodes: 1 });
  });

  it('leaves no file after an invalid answer or Ctrl-C', { tags: 'matrix' }, async () => {
    expect(await asked('four\\n')).toMatchObject({ code: 2, text: '' });
    expect(await asked('\\x03')).toMatchObject({ code: 130, text: '' });
  });

  it('is not asked if a flag answers it', async () => {
    const told = await asked('', '--nodes', '2');
    expect(told.stdout).not.toContain('?');
    expect(told.config).toMatchObject({ nodes: 2 });
  });
});
