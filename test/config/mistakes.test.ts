import { expect, test } from 'vitest';
import { workspace } from './workspace.js';

test('all mistakes of a file are told together, in its order', async () => {
  const project = [
    'nodes: four',
    'partiton: cpu',
    'port: 70000',
    'exclusive: "yes"',
    'time: 4 days',
    'logCap: 50',
    'timeout:',
    'runtime: docker',
    'env:',
    '  - GOOD=1',
    '  - 1BAD=secret',
    'qos: [a]',
    'fleet: mine',
    'nodes: 2',
    'mount: /a:/b,c',
    'on: {x: 1}',
    'cpus-per-task: 4',
    'account: true',
    'workers: 0',
    'portRange: 9000-8000',
    'zzz: 1',
  ].join('\n');
  const { kind, lines, error } = await workspace().refused({ project });
  expect(kind).toBe('config');
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe('18 mistakes in the configuration');
  expect(lines.map((line) => line.replace(/^project\/sandboxctl\.yaml:/, ''))).toEqual([
    '2:1: partiton: is not a setting (did you mean partition?)',
    '3:7: port: must be a whole number from 1 to 65535 (got 70000)',
    '4:12: exclusive: must be true or false (got "yes")',
    '5:7: time: must be a time limit such as 12h, 4d, or in the format of sbatch: 90, 12:00:00, 4-00:00:00 or UNLIMITED (got "4 days")',
    '6:9: logCap: must be a size such as 50M or 1G (got "50")',
    '7:1: timeout: has no value; remove the key',
    '8:10: runtime: must be one of auto, pyxis, enroot, checkout, embedded (got "docker")',
    '11:5: env: must be KEY or KEY=VALUE with a valid name (got "1BAD=...")',
    '12:6: qos: must be one line of text (got a list)',
    '13:1: fleet: is not a setting; use --fleet or SANDBOXCTL_FLEET',
    '14:1: nodes: is defined a second time here',
    '15:8: mount: must not contain a comma: pyxis splits there (got "/a:/b,c")',
    '16:5: on: must be one of auto, here, job (got a mapping)',
    '17:1: cpus-per-task: is not a setting (did you mean cpusPerTask?)',
    '18:10: account: must be one line of text (got true)',
    '19:10: workers: must be auto or a whole number from 1 to 1000 (got 0)',
    '20:12: portRange: must be FIRST-LAST, ports from 1 to 65535 in ascending order (got "9000-8000")',
    '21:1: zzz: is not a setting',
  ]);
});

test('mistakes of both files and of the environment are told at once', async () => {
  const { kind, lines } = await workspace().refused({
    project: 'nodes: 0',
    user: 'port: 1.5',
    env: { SANDBOXCTL_WAIT: 'maybe', SBATCH_ACCOUNT: 'a\nb' },
  });
  expect(kind).toBe('config');
  expect(lines).toEqual([
    'SANDBOXCTL_WAIT: must be true or false (got "maybe")',
    'project/sandboxctl.yaml:1:8: nodes: must be a whole number from 1 to 10000 (got 0)',
    'home/.config/sandboxctl/config.yaml:1:7: port: must be a whole number from 1 to 65535 (got 1.5)',
    'SBATCH_ACCOUNT: must be one line of text (got "a\\nb")',
  ]);
});

test.each([
  ['nodes', 'abc', '--nodes must be a whole number from 1 to 10000 (got "abc")'],
  ['nodes', '', '--nodes must be a whole number from 1 to 10000 (got "")'],
  ['nodes', '-1', '--nodes must be a whole number from 1 to 10000 (got -1)'],
  ['nodes', '1e3', '--nodes must be a whole number from 1 to 10000 (got "1e3")'],
  ['nodes', '999999', '--nodes must be a whole number from 1 to 10000 (got 999999)'],
  ['nodes', '99999999999999999999', /^--nodes must be a whole number/],
  ['cpusPerTask', ' 4', /^--cpus-per-task must be a whole number/],
  ['partition', '', '--partition must be one line of text (got "")'],
  ['partition', 'a\n#SBATCH -x', /^--partition must be one line of text/],
  ['time', '1 hour', /^--time must be a time limit/],
  ['mem', 'lots', '--mem must be a size in the format of sbatch, such as 64G (got "lots")'],
  // What sbatch of Slurm 22.05 refuses too.
  ['mem', '1.5G', /^--mem must be a size/],
  ['mem', '64GiB', /^--mem must be a size/],
  ['mem', '5B', /^--mem must be a size/],
  ['mem', '-5G', /^--mem must be a size/],
  ['workers', 'many', /^--workers must be auto or/],
  ['workers', '-3', /^--workers must be auto or a whole number from 1 to 1000/],
  ['workers', '1001', /^--workers must be auto or a whole number from 1 to 1000/],
  ['port', '0', '--port must be a whole number from 1 to 65535 (got 0)'],
  ['port', '65536', '--port must be a whole number from 1 to 65535 (got 65536)'],
  ['port', '80.5', /^--port must be a whole number/],
  ['portRange', '0-80', /^--port-range must be FIRST-LAST/],
  ['timeout', '-5m', /^--timeout must be a /],
  ['timeout', 'soon', /^--timeout must be a /],
  ['pendingTimeout', 'never', /^--pending-timeout must be a /],
  ['minReady', '0', '--min-ready must be a whole number from 1 to 10000 (got 0)'],
  ['nodelist', 'node[1-', /^--nodelist must be a hostlist such as /],
  ['runtime', 'docker', /^--runtime must be one of .* \(got "docker"\)$/],
  ['endpointHost', 'dns', /^--endpoint-host must be nodeaddr, nodename, fqdn, ip or interface:NAME/],
  ['endpointHost', 'interface:a234567890123456', /^--endpoint-host must be/],
  ['mount', ['a:/b'], '--mount must be SRC:DST, both absolute paths (got "a:/b")'],
  ['mount', ['/a'], /SRC:DST/],
  ['mount', ['/a:/b:ro'], /SRC:DST/],
  ['env', ['A=1', 'HOST=x'], '--env: HOST is set by sandboxctl (got "HOST=...")'],
  ['env', ['PORT'], /^--env: PORT is set by sandboxctl; use port/],
  ['env', ['WEB_CONCURRENCY=4'], /use workers/],
  ['env', ['SANDBOXCTL_TOKEN'], /SANDBOXCTL_\* belongs to sandboxctl/],
  ['env', ['=x'], /KEY or KEY=VALUE/],
  [
    'clientConfig',
    ['a.toml'],
    '--client-config must end in one of .json .yaml .yml .txt .env .sh .py, or contain one of the words verl sdk tinker curl prometheus (got "a.toml")',
  ],
  ['clientConfig', [''], /must end in one of/],
])('the flag %s refuses %j', async (key, value, line) => {
  const { kind, lines, error } = await workspace().refused({ flags: { [key]: value } });
  expect(kind).toBe('usage');
  expect(error.exitCode).toBe(2);
  expect(lines).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
});

test.each<[Record<string, unknown>]>([
  [{ endpointHost: 'interface:ib0' }],
  [{ endpointHost: 'fqdn' }],
  [{ env: ['_A', 'B=', 'C=a=b\nc', 'HOSTNAME=x'] }],
  [{ clientConfig: ['.env', 'x.yml', 'conf/sandbox.py'] }],
  [{ port: '80', portRange: '9000-9001' }],
  ...['0', '64GB', '64gb', '2gb', '2048MB', '512k', '1TB', '+5G', '018'].map(
    (mem): [Record<string, unknown>] => [{ mem }],
  ),
  ...['0', '-1', '1-', '1-2:30', 'INFINITE', '99:99:99'].map((time): [Record<string, unknown>] => [{ time }]),
  [{ partition: 'short,cpuonly', constraint: '[rack1|rack2]&(avx512)', qos: 'long', account: 'a/b' }],
  [{ nodelist: 'node1 node2', exclude: 'r[1-2]n[001-010,12],gpu7,' }],
  [{ nodelist: '/home/me/hosts' }],
  [{ minReady: '4', nodes: '4' }],
  [{ minReady: '4' }],
])('these flags hold: %j', async (flags) => {
  await workspace().load({ flags });
});

test('minReady above nodes is told where minReady stands, whatever level nodes came from', async () => {
  const places = workspace();
  const flags = await places.refused({ flags: { nodes: '2', minReady: '3' } });
  expect([flags.kind, flags.lines]).toEqual([
    'usage',
    ['--min-ready must not be more than nodes (2; got 3)'],
  ]);
  const mixed = await places.refused({ flags: { nodes: '2' }, project: 'port: 80\nminReady: 3' });
  expect(mixed.lines).toEqual([
    'project/sandboxctl.yaml:2:11: minReady: must not be more than nodes (2; got 3)',
  ]);
});

test.each([
  ['nodes: [1\nport: 2', /^2:1: Flow sequence/],
  ['a:\n\tb: 1', /^2:1: Tabs are not allowed/],
  ['nodes: 1\n---\nport: 2', /multiple documents/],
  ['- nodes', /^1:1: must be a mapping of settings/],
  ['nodes', /^1:1: must be a mapping of settings/],
  ['partition: *nope', /^1:1: partition: has no value/],
  ['partition: !x a', /^1:12: Unresolved tag/],
  ['? [a]\n: 1', /is not a setting/],
  ['partition: !!binary aGk=', /^1:21: partition: must be one line of text/],
  ['env: [A, [B]]', /^1:10: env: must be a text or a list of texts \(got a list\)/],
  ['env:\n  -\n  - A', /env: must be a text or a list of texts \(got null\)/],
  ['env: null', /^1:6: env: must be a text or a list of texts \(got null\)/],
  ['nodes: .nan', /^1:8: nodes: must be a whole number/],
  ['partition: .inf\nnodes: 0', /^2:8: nodes/],
  ['base: &b {a: 1}\n<<: *b', /is not a setting/],
  ['__proto__: {nodes: 1}', /^1:1: __proto__: is not a setting|__proto__: is not a setting/],
])('bad YAML %j', async (project, line) => {
  const { kind, lines } = await workspace().refused({ project });
  expect(kind).toBe('config');
  expect(lines[0]?.replace('project/sandboxctl.yaml:', '')).toMatch(line);
});

test('an empty file, one of comments, a BOM and CRLF are fine', async () => {
  const places = workspace();
  for (const project of ['', '# nothing\n', '\uFEFFport: 81\r\nnodes: 2\r\n']) await places.load({ project });
});
