import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownerWarning } from '../../src/config/find.js';
import { SETTINGS } from '../../src/config/settings.js';
import { workspace } from './workspace.js';

test('without anything every setting has its default', async () => {
  const { config, origins, warnings } = await workspace().load();
  expect(Object.keys(config).sort()).toEqual(SETTINGS.map(({ key }) => key).sort());
  expect(config).toMatchObject({
    nodes: null,
    port: 8080,
    portRange: { first: 8080, last: 8179 },
    workers: 'auto',
    timeout: 1200,
    pendingTimeout: null,
    logCap: 52_428_800,
    env: [],
    image: 'varad0309/code_sandbox:server',
    output: 'logs/sandbox-%A_%a.log',
  });
  expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  expect(warnings).toEqual([]);
});

test.each([
  [{ SLURM_CLUSTERS: 'west' }, 'west', 'SLURM_CLUSTERS'],
  [{ SLURM_CLUSTERS: 'west', SBATCH_CLUSTERS: 'east' }, 'east', 'SBATCH_CLUSTERS'],
  [{ SLURM_CLUSTERS: 'west,east' }, null, 'default'],
  [{ SLURM_CLUSTERS: 'all' }, null, 'default'],
])('the cluster that Slurm is told of by %j', async (env, name, origin) => {
  const { config, origins } = await workspace().load({ env });
  expect([config.clusterName, origins.clusterName]).toEqual([name, origin]);
});

test('each level beats the next: flags, environment, project, user, SBATCH_*, default', async () => {
  const given = {
    flags: { partition: 'flag' },
    env: { SANDBOXCTL_PARTITION: 'env', SBATCH_PARTITION: 'sbatch' },
    project: 'nodes: 2\npartition: project\n',
    user: 'partition: user\n',
  };
  const places = workspace();
  const seen = async () => {
    const { config, origins } = await places.load(given);
    return [config.partition, origins.partition.replace(`${places.root}/`, '')];
  };
  expect(await seen()).toEqual(['flag', '--partition']);
  given.flags = {} as typeof given.flags;
  expect(await seen()).toEqual(['env', 'SANDBOXCTL_PARTITION']);
  given.env.SANDBOXCTL_PARTITION = '';
  expect(await seen()).toEqual(['project', 'project/sandboxctl.yaml:2']);
  given.project = '';
  expect(await seen()).toEqual(['user', 'home/.config/sandboxctl/config.yaml:1']);
  given.user = '# nothing\n';
  expect(await seen()).toEqual(['sbatch', 'SBATCH_PARTITION']);
  given.env.SBATCH_PARTITION = '';
  expect(await seen()).toEqual([null, 'default']);
});

test('null takes back what a lower level says, where nothing is the default', async () => {
  const { config, origins } = await workspace().load({ project: 'account: null', user: 'account: theirs' });
  expect(config.account).toBeNull();
  expect(origins.account).toMatch(/sandboxctl.yaml:1$/);
});

test('the user file follows XDG_CONFIG_HOME, when absolute', async () => {
  const places = workspace();
  places.file('xdg/sandboxctl/config.yaml', 'nodes: 7');
  const user = 'nodes: 5';
  expect((await places.load({ user, env: { XDG_CONFIG_HOME: join(places.root, 'xdg') } })).config.nodes).toBe(
    7,
  );
  expect((await places.load({ user, env: { XDG_CONFIG_HOME: 'xdg' } })).config.nodes).toBe(5);
});

test('--config replaces the project file and leaves the user file', async () => {
  const places = workspace();
  places.file('project/other.yaml', 'nodes: 3');
  const { config } = await places.load({ configFile: '../other.yaml', project: 'port: 9', user: 'port: 7' });
  expect(config).toMatchObject({ nodes: 3, port: 7 });
});

test('a named file that is missing is told with the place', async () => {
  const places = workspace();
  const { kind, lines, error } = await places.refused({ configFile: 'nope.yaml' });
  expect(kind).toBe('config');
  expect(error.message).toBe('the config file nope.yaml was not found');
  expect(lines).toEqual(['looked at project/deep/nope.yaml']);
});

test('a config file that is a folder is told', async () => {
  const places = workspace();
  places.file('project/sandboxctl.yaml/x', '');
  expect((await places.refused({})).error.message).toContain('cannot be read');
});

test('flags come as commander gives them', async () => {
  const { config, origins } = await workspace().load({
    flags: {
      nodes: '4',
      workers: '2',
      wait: false,
      exclusive: true,
      env: ['A=1,2', 'B'],
      portRange: '9000-9010',
      timeout: '90',
      logCap: '1G',
      time: '1-00:00:00',
      force: true,
      lines: undefined,
    },
  });
  expect(config).toMatchObject({
    nodes: 4,
    workers: 2,
    wait: false,
    exclusive: true,
    env: ['A=1,2', 'B'],
    portRange: { first: 9000, last: 9010 },
    timeout: 90,
    logCap: 1024 ** 3,
    time: '1-00:00:00',
  });
  expect(origins).toMatchObject({ wait: '--no-wait', exclusive: '--exclusive', portRange: '--port-range' });
});

test('the environment gives switches as words and lists as lines', async () => {
  const { config } = await workspace().load({
    env: {
      SANDBOXCTL_WAIT: 'no',
      SANDBOXCTL_DRY_RUN: '1',
      SANDBOXCTL_ENV: 'A=1 2\nB=x,y\n',
      SANDBOXCTL_CPUS_PER_TASK: '8',
    },
  });
  expect(config).toMatchObject({ wait: false, dryRun: true, env: ['A=1 2', 'B=x,y'], cpusPerTask: 8 });
});

test('YAML gives what was written: no octal, no sexagesimal, no yes for true', async () => {
  const { config } = await workspace().load({
    project:
      'account: 0123\nmem: 4000\ntime: 1:30:00\nqos: yes\non: here\ntimeout: 90\nenv: A=1\nmount: [/a:/b]\n',
  });
  expect(config).toMatchObject({
    account: '0123',
    mem: '4000',
    time: '1:30:00',
    qos: 'yes',
    on: 'here',
    timeout: 90,
    env: ['A=1'],
    mount: ['/a:/b'],
  });
});

test('YAML anchors work within a file', async () => {
  const { config } = await workspace().load({ project: 'partition: &p cpu\nprobeFrom: *p\n' });
  expect(config.probeFrom).toBe('cpu');
});

test('relative paths belong to the folder of the file, or to that of the call', async () => {
  const places = workspace();
  const { config } = await places.load({
    project:
      'imageDir: images\ntemplate: ~/mine.hbs\nimage: x.sqsh\noutput: logs/%j\nclientConfig: [a.env, /b/c.json]\n',
  });
  expect(config).toMatchObject({
    imageDir: join(places.root, 'project/images'),
    template: join(places.home, 'mine.hbs'),
    image: join(places.root, 'project/x.sqsh'),
    output: 'logs/%j',
    clientConfig: [join(places.root, 'project/a.env'), '/b/c.json'],
  });
  const called = await places.load({
    flags: { imageDir: 'images', image: './x' },
    env: { SANDBOXCTL_TEMPLATE: 't.hbs' },
  });
  expect(called.config).toMatchObject({
    imageDir: join(places.cwd, 'images'),
    image: join(places.cwd, 'x'),
    template: join(places.cwd, 't.hbs'),
  });
  expect((await places.load({ flags: { image: 'library/x:1' } })).config.image).toBe('library/x:1');
});

test('a variable that nothing reads is a warning', async () => {
  const { warnings } = await workspace().load({
    env: {
      SANDBOXCTL_PARTITON: 'x',
      SANDBOXCTL_XYZ: '1',
      SANDBOXCTL_JOB_NONCE: '1',
      SANDBOXCTL_FLEET: 'f',
      SANDBOXCTL_STATE_DIR: '/s',
      SANDBOXCTL_TOKEN: 't',
      SANDBOXCTL_DEBUG: '1',
    },
  });
  expect(warnings).toEqual([
    'SANDBOXCTL_PARTITON is not a setting and is ignored (did you mean SANDBOXCTL_PARTITION?)',
    'SANDBOXCTL_XYZ is not a setting and is ignored',
  ]);
});

test("a project file of another user's is told about, one of root's or one's own is not", () => {
  expect([0, 1000, 1001].map((owner) => ownerWarning('/p/sandboxctl.yaml', owner, 1000))).toEqual([
    undefined,
    undefined,
    '/p/sandboxctl.yaml belongs to another user (uid 1001)',
  ]);
});
