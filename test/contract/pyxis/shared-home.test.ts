/** @module-tag contract */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../cluster/cluster.js';
import { RUNTIME_FOLDER } from '../../cluster/container-tools.js';
import { slowUnpacking } from '../../e2e/pitfalls/manual-setup.js';
import { putImage, startWith } from './cluster.js';

let cluster: Cluster;
let image: string;
let slow: string;

beforeAll(async () => {
  slow = await slowUnpacking(4);
  cluster = await startWith([RUNTIME_FOLDER], [slow]);
  image = await putImage(cluster);
});
afterAll(async () => {
  await cluster?.down();
  await rm(slow, { recursive: true, force: true });
});

/** Of two that unpack to one place: enroot sees the other's folder, or unsquashfs stumbles over its files. */
const CLASH =
  /\[ERROR\] File already exists: \S+\/\.local\/share\/enroot\/pyxis_\S+\n|failed to \w+ \w+ \S+\/\.local\/share\/enroot\/pyxis_\S+, because (File exists|No such file)/;

test('a step over two nodes gets none up: the name is one', async () => {
  const told = await cluster.run(['srun', '-Q', '-N2', `--container-image=${image}`, 'true']);
  expect(told.code).not.toBe(0);
  expect(told.stderr).toMatch(CLASH);
});

test('of two first starts under a name one loses', async () => {
  const start = (node: string) =>
    cluster.run(['srun', '-Q', '-w', node, `--container-image=${image}`, '--container-name=one', 'true']);
  const told = await Promise.all([start('node1'), start('node2')]);
  const lost = told.filter(({ code }) => code !== 0);
  expect(lost).toHaveLength(1);
  // A late one finds the folder half unpacked and starts in it: that fails in other words.
  expect(lost[0]?.stderr).toMatch(new RegExp(`${CLASH.source}|error: execve\\(\\): true: No such file`));
});

test('and a job cannot choose another place', async () => {
  const env = { ENROOT_DATA_PATH: '/tmp/mine' };
  const script = `srun -Q -w node1 --container-image=${image} --container-name=two true; ls ~/.local/share/enroot`;
  expect((await cluster.run(['bash', '-c', script], { env })).stdout).toContain('pyxis_two\n');
});
