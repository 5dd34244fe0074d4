import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../cluster/cluster.js';
import { NODE_LOCAL } from '../../cluster/container-tools.js';
import { putImage, startWith } from './cluster.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startWith(NODE_LOCAL);
  await putImage(cluster);
  await cluster.run(['bash', '-c', ': >empty.sqsh; head -c 3000000 image.sqsh >cut.sqsh']);
  await cluster.run([
    'srun',
    '-w',
    'node1',
    '--container-image=./image.sqsh',
    '--container-name=made',
    'true',
  ]);
});
afterAll(() => cluster.down());

const slurmstepd = 'slurmstepd-node1: error: ';
test.each<[what: string, options: string, command: string, code: number, words: string[]]>([
  [
    'no image there',
    '--container-image=/no.sqsh',
    'true',
    1,
    [
      `${slurmstepd}pyxis: failed to create container filesystem for image: /no.sqsh\n${slurmstepd}pyxis: printing enroot log file:\n${slurmstepd}pyxis:     [ERROR] No such file or directory: /no.sqsh\n`,
      `${slurmstepd}spank: required plugin spank_pyxis.so: task_init() failed with rc=-1\n`,
      'srun: error: node1: task 0: Exited with exit code 1\n',
    ],
  ],
  ['empty', '--container-image=./empty.sqsh', 'true', 1, ['pyxis:     [ERROR] Invalid image format: /']],
  [
    'truncated',
    '--container-image=./cut.sqsh',
    'true',
    1,
    ['pyxis:     FATAL ERROR: File system corruption detected\n'],
  ],
  [
    'a bare name is a docker image',
    '--container-image=image.sqsh',
    'true',
    1,
    [
      'pyxis: importing docker image: image.sqsh\n',
      'pyxis:     curl: (6) Could not resolve host: registry-1.docker.io\n',
    ],
  ],
  [
    'workdir',
    '--container-image=./image.sqsh --container-workdir=/nonexistent',
    'true',
    1,
    [`${slurmstepd}pyxis: couldn't chdir to /nonexistent: No such file or directory\n`],
  ],
  [
    'mount source',
    '--container-image=./image.sqsh --container-mounts=/nonexist:/x',
    'true',
    1,
    [`${slurmstepd}pyxis: --container-mounts: source path does not exist: /nonexist\n`],
  ],
  [
    'no such command',
    '--container-image=./image.sqsh',
    'nosuchcmd',
    2,
    [`${slurmstepd}execve(): nosuchcmd: No such file or directory\n`],
  ],
  ['the command fails', '--container-image=./image.sqsh', 'bash -c "exit 7"', 7, []],
  [
    'no target',
    '--container-image=./image.sqsh --container-workdir=/tmp',
    'make run-online',
    2,
    ["make: *** No rule to make target 'run-online'.  Stop.\n"],
  ],
  [
    'two names',
    '--container-image=./image.sqsh --container-name=a --container-name=b',
    'true',
    255,
    ['pyxis: --container-name specified multiple times\n'],
  ],
  [
    'two images',
    '--container-image=./image.sqsh --container-image=./empty.sqsh',
    'true',
    255,
    ['pyxis: --container-image specified multiple times\n'],
  ],
  ['no image', '--container-image=', 'true', 255, ['pyxis: --container-image: argument required\n']],
  [
    'an option that nobody has',
    '--container-image=./image.sqsh --container-bogus',
    'true',
    255,
    ["srun: unrecognized option '--container-bogus'\n"],
  ],
  [
    'the home both ways',
    '--container-image=./image.sqsh --container-mount-home --no-container-mount-home',
    'true',
    255,
    ['pyxis: both --container-mount-home and --no-container-mount-home were specified\n'],
  ],
  [
    'a mount without a target',
    '--container-image=./image.sqsh --container-mounts=/tmp:',
    'true',
    255,
    ['pyxis: --container-mounts: invalid format: /tmp:\n'],
  ],
  [
    'a mount of something else',
    '--container-image=./image.sqsh --container-mounts=volume:/x',
    'true',
    255,
    [
      'pyxis: mount source must be a relative path, an absolute path, "tmpfs" or "umount"\n',
      'pyxis: could not add mount entry: volume:/x\n',
    ],
  ],
  [
    'a mount to a bare name',
    '--container-image=./image.sqsh --container-mounts=/tmp:x',
    'true',
    255,
    ['pyxis: mount target must be a relative path or an absolute path\n'],
  ],
  [
    'create what exists',
    '--container-image=./image.sqsh --container-name=made:create',
    'true',
    1,
    ['pyxis: error: "create" flag was passed to --container-name but the container already exists\n'],
  ],
  [
    'a name that nobody made',
    '--container-name=nobody',
    'true',
    1,
    ['pyxis: error: a container with name "pyxis_nobody" does not exist, and --container-image is not set\n'],
  ],
])('refused: %s', async (_what, options, command, code, words) => {
  const told = await cluster.run(['bash', '-c', `srun -Q -w node1 ${options} ${command}`]);
  // srun writes its own line between any two that it passes on from the step: the two have no order.
  const step = told.stderr.replaceAll(/^srun: .*\n/gm, '');
  for (const line of words) expect(line.startsWith(slurmstepd) ? step : told.stderr).toContain(line);
  expect(told.code).toBe(code);
});
