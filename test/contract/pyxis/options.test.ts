/** @module-tag contract */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../cluster/cluster.js';
import { NODE_LOCAL } from '../../cluster/container-tools.js';
import { putImage, startWith } from './cluster.js';

let cluster: Cluster;
let image: string;

/** A step on node1, from a shell so that its variables and quotes work. */
const srun = (options: string, command: string) =>
  cluster.run(['bash', '-c', `srun --quiet -w node1 ${options} ${command}`]);
const boxed = (script: string, options = '') =>
  srun(`--container-image=${image} ${options}`, `bash -c '${script}'`);

beforeAll(async () => {
  cluster = await startWith(NODE_LOCAL);
  image = await putImage(cluster);
});
afterAll(() => cluster.down());

test('a step runs in the image’s root and folder, as the same user, on the node’s network', async () => {
  const told = await boxed('pwd; id -u; cat VERSION; hostname -I; echo $HOSTNAME; cat /proc/self/uid_map');
  const { uid } = cluster.users[0];
  const address = cluster.nodes[0]?.address;
  expect(told.stderr).toBe('');
  expect(told.stdout.replace(/ +/g, ' ')).toBe(
    `/root/sandbox\n${uid}\n1\n${address} \nnode1\n ${uid} ${uid} 1\n`,
  );
});

test('the root is read-only, /tmp new, the home an empty folder, /dev/shm the node’s', async () => {
  await srun('', 'touch /dev/shm/seen /tmp/unseen');
  const told = await boxed('touch /root/w; ls -A /tmp $HOME; ls /dev/shm; touch /tmp/ok && echo ok');
  expect(told.stdout).toBe(`/tmp:\n\n${cluster.users[0].home}:\nseen\nok\n`);
  expect(told.stderr).toBe("touch: cannot touch '/root/w': Read-only file system\n");
});

test('the job’s environment goes in, the image’s wins, --container-env turns that around', async () => {
  const script = 'echo $MINE $OMP_NUM_THREADS; printenv LANG || echo none';
  const env = { MINE: 'kept', OMP_NUM_THREADS: '99' };
  const run = (options: string) =>
    cluster.run(
      ['bash', '-c', `srun -Q -w node1 --container-image=${image} ${options} bash -c '${script}'`],
      { env },
    );
  expect((await run('')).stdout).toBe('kept 2\nnone\n');
  expect((await run('--container-env=OMP_NUM_THREADS,LANG')).stdout).toBe('kept 99\nC.UTF-8\n');
});

test('host folders come by --container-mounts, the home by --container-mount-home', async () => {
  expect((await boxed('ls -d /usr/share/perl5')).code).not.toBe(0);
  const mounts = `--container-mounts=/usr/share:/host/share:ro,/etc/debian_version:/etc/other`;
  expect((await boxed('ls -d /host/share/perl5; test -s /etc/other && echo file', mounts)).stdout).toBe(
    '/host/share/perl5\nfile\n',
  );
  expect((await boxed('ls $HOME', '--container-mount-home')).stdout).toContain('image.sqsh');
  expect((await boxed('ls $HOME', '--no-container-mount-home')).stdout).toBe('');
});

test('a mount’s path may hold blanks, but a dollar is for the shell that reads it', async () => {
  await cluster.run(['mkdir', '-p', 'a b', 'a$b']);
  const told = await boxed('touch "/host c/seen"', `--container-mounts="$PWD/a b:/host c"`);
  expect(told).toMatchObject({ code: 0 });
  expect((await cluster.run(['ls', 'a b'])).stdout).toBe('seen\n');
  expect(await boxed('true', `--container-mounts="$PWD/a\\$b:/host"`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('b: unbound variable\n'),
  });
});

test('what a step says of the home wins over the site’s enroot.conf', async () => {
  const yes = { ENROOT_MOUNT_HOME: 'yes' };
  const see = (option: string) =>
    cluster.run(
      ['bash', '-c', `srun -Q -w node1 --container-image=${image} ${option} bash -c 'ls $HOME | wc -l'`],
      { env: yes },
    );
  expect((await see('')).stdout).not.toBe('0\n');
  expect((await see('--no-container-mount-home')).stdout).toBe('0\n');
});

test('a login shell stands before the program: the image’s /etc/profile has the last word on PATH', async () => {
  expect((await boxed('echo $PATH')).stdout).toBe(
    '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\n',
  );
});

test('srun knows by itself, without a controller, whether there is a pyxis', async () => {
  const told = await cluster.run(['srun', '--help'], { env: { SLURM_CONF: cluster.env.SLURM_CONF ?? '' } });
  expect(told.code).toBe(0);
  expect(told.stdout).toContain('--container-image=');
});

test('--container-writable and --container-remap-root', async () => {
  expect((await boxed('touch /root/w && echo written', '--container-writable')).stdout).toBe('written\n');
  expect((await boxed('id -u; echo $HOME', '--container-remap-root')).stdout).toBe('0\n/root\n');
});

test('an unnamed container goes with its step, tasks of a step share one', async () => {
  const told = await boxed('echo $SLURM_PROCID', '-n3');
  expect(told.stdout.split('\n').sort()).toEqual(['', '0', '1', '2']);
  await expect.poll(() => containers()).toEqual([]);
});

test('a named one outlives its job and is used whatever the image', async () => {
  const other = await putImage(cluster, '2');
  expect((await boxed('cat VERSION', '--container-name=kept')).stdout).toBe('1\n');
  for (const option of [`--container-image=${other}`, '--container-image=/nonexistent.sqsh', '']) {
    expect((await srun(`${option} --container-name=kept`, 'cat VERSION')).stdout).toBe('1\n');
  }
  expect(await containers()).toEqual(['pyxis_kept']);
  const remove = 'enroot remove -f pyxis_kept';
  expect(await srun('', `bash -c '${remove}'`)).toMatchObject({ code: 0 });
  expect((await srun(`--container-image=${other} --container-name=kept`, 'cat VERSION')).stdout).toBe('2\n');
});

test('half a container, left by a broken image, is started without complaint', async () => {
  // The image's last file: what a program needs to start lies before it.
  const spoil = `cp ${image} bad.sqsh; e=$(od -An -t u8 -j 64 -N 8 bad.sqsh); yes x | dd of=bad.sqsh bs=1000 seek=$((e / 1000 - 700)) count=200 conv=notrunc status=none`;
  await cluster.run(['bash', '-c', spoil]);
  const failed = await srun('--container-image=./bad.sqsh --container-name=half', 'true');
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/error: pyxis: {5}\S+ uncompress failed with error code/);
  expect(await srun(`--container-image=${image} --container-name=half`, 'true')).toMatchObject({ code: 0 });
});

test('as #SBATCH lines: the whole script is inside', async () => {
  const lines = `#!/bin/bash\n#SBATCH --container-image=${image}\n#SBATCH --output=job.log\npwd; command -v srun || echo no srun\n`;
  await cluster.run(['bash', '-c', `printf %s '${lines}' >job.sh; sbatch --wait job.sh`]);
  expect((await cluster.run(['cat', 'job.log'])).stdout).toBe('/root/sandbox\nno srun\n');
});

const containers = async () => {
  const told = await cluster.onNode('node1', ['sh', '-c', 'ls /tmp/enroot-data-*'], { user: 'root' });
  return told.stdout.split('\n').filter(Boolean);
};
