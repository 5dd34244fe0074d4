import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findCgroup, inAll } from '../../src/machine/cgroups.js';

const V1 = (point: string, root: string, names: string) =>
  `40 30 0:35 ${root} ${point} rw,relatime - cgroup cgroup rw,${names}`;
const V2 = (point: string, root: string) =>
  `31 23 0:28 ${root} ${point} rw,relatime - cgroup2 cgroup2 rw,nsdelegate`;

test.each([
  {
    what: 'version 2, as systemd and Slurm make it',
    cgroups: '0::/system.slice/slurmd.scope/job_7/step_batch/user/task_0',
    mounts: V2('/sys/fs/cgroup', '/'),
    found: [2, '/sys/fs/cgroup/system.slice/slurmd.scope/job_7/step_batch/user/task_0'],
  },
  {
    what: 'version 1, beside a version 2 that has no controllers',
    cgroups: '9:name=systemd:/\n4:memory:/slurm/uid_1/job_7\n2:cpu,cpuacct:/slurm\n0::/elsewhere',
    mounts: [
      V1('/sys/fs/cgroup/cpu', '/', 'cpu,cpuacct'),
      V1('/sys/fs/cgroup/memory', '/', 'memory'),
      V2('/sys/fs/cgroup/unified', '/'),
    ].join('\n'),
    found: [1, '/sys/fs/cgroup/memory/slurm/uid_1/job_7'],
  },
  {
    what: 'a container that sees only its own part of version 1',
    cgroups: '4:memory:/docker/0123',
    mounts: V1('/sys/fs/cgroup/memory', '/docker/0123', 'memory'),
    found: [1, '/sys/fs/cgroup/memory'],
  },
  {
    what: 'a container with a namespace of its own',
    cgroups: '0::/',
    mounts: V2('/sys/fs/cgroup', '/'),
    found: [2, '/sys/fs/cgroup'],
  },
  {
    what: 'a place with a space in its name',
    cgroups: '0::/a',
    mounts: V2('/my\\040cgroups', '/'),
    found: [2, '/my cgroups/a'],
  },
  { what: 'a cgroup outside of what is mounted', cgroups: '0::/a', mounts: V2('/c', '/b'), found: undefined },
  { what: 'no cgroups', cgroups: '', mounts: '', found: undefined },
])('$what', ({ cgroups, mounts, found }) => {
  const { version, folder } = findCgroup('memory', cgroups, mounts) ?? {};
  expect(version === undefined ? undefined : [version, folder]).toEqual(found);
});

test('what is limited above holds below', () => {
  const top = mkdtempSync(join(tmpdir(), 'sandboxctl-cgroup-'));
  onTestFinished(() => rmSync(top, { recursive: true }));
  const folder = join(top, 'job_7/task_0');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'memory.max'), 'max\n');
  writeFileSync(join(top, 'job_7/memory.max'), '1073741824\n');
  expect(inAll({ version: 2, folder, top }, 'memory.max')).toEqual(['max', '1073741824']);
});
