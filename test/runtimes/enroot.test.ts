import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { standins } from '../cluster/standins/index.js';
import { asRoot, deploy, endpoints, freeNodes, stop, urlsOf } from '../deploy/user.js';
import { NASTY } from '../script/nasty.js';
import { environment, python } from '../script/servers.js';
import { type Lab, ownedFolder, startLab } from '../support/lab.js';

let lab: Lab;
beforeAll(async () => {
  // The nodes have enroot, and their Slurm no plugin for it.
  lab = await startLab({ nodes: 3, plugins: [], nodePath: [(await standins()).binFolder] });
});
afterAll(() => lab?.down());

/** What enroot runtimes keep on the disks of the nodes. */
const kept = async () => {
  const looks = await Promise.all(lab.nodes.map(({ name }) => lab.onNode(name, ['ls', '/var/tmp'])));
  return looks.flatMap(({ stdout }) => stdout.match(/^sandboxctl-enroot\..*/gm) ?? []);
};

test('where srun knows no containers enroot is taken, each job in a container of its own that goes with it', async () => {
  const folder = await ownedFolder(join(lab.shared, 'data'), lab.users[0]);
  const env = NASTY.flatMap((value, index) => ['--env', `N${index}=${value}`]);
  const more = ['--mount', `${folder}:/data`, '--env', 'SECRET', ...env];
  const deployed = await deploy(lab, ['--nodes', '2', ...more], { env: { SECRET: 'line\nbreak' } });
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toContain('runtime enroot');
  const urls = urlsOf(deployed);
  expect(urls).toHaveLength(2);
  for (const url of urls) {
    const inside = await environment(url);
    expect(NASTY.map((_value, index) => inside[`N${index}`])).toEqual([...NASTY]);
    expect(inside).toMatchObject({ SECRET: 'line\nbreak', SHLVL: expect.any(String) });
    expect(
      Object.keys(inside).filter((name) => /^(SLURM|SBATCH|ENROOT|SANDBOXCTL_JOB_SETUP)/.test(name)),
    ).toEqual([]);
    expect(
      await python(url, 'open("/tmp/x", "w").write("y"); open("/data/seen", "w").write("z"); print(1)'),
    ).toBe('1\n');
  }
  expect(await readdir(folder)).toEqual(['seen']);
  expect(await kept()).toHaveLength(2);
  await stop(lab);
  expect(await kept()).toEqual([]);
});

async function oneReady(...argv: string[]): Promise<string> {
  const deployed = await deploy(lab, ['--nodes', '1', ...argv]);
  expect(deployed.code, deployed.stderr).toBe(0);
  return (await endpoints(lab))[0]?.job_id ?? '';
}

test('what a killed job left is removed by the next on its node', async () => {
  const job = await oneReady('--nodelist', 'node1');
  const [left = ''] = await kept();
  // All of the job at once, as when its node is out of memory: nobody cleans up.
  await asRoot(lab, 'node1', `kill -KILL $(cut -d' ' -f1 /var/tmp/${left}/owner)`);
  await lab.run(['scancel', '--signal=KILL', job]);
  await freeNodes(lab);
  expect(await kept()).toEqual([left]);
  expect(await oneReady('--nodelist', 'node1')).not.toBe(job);
  const now = await kept();
  expect(now).toHaveLength(1);
  expect(now).not.toEqual([left]);
  await stop(lab);
});

test('what goes wrong on a node is told with its cause', async () => {
  await asRoot(lab, 'node2', `mount -t tmpfs none ${join(lab.shared, 'images')}`);
  const unseen = await deploy(lab, ['--nodes', '1', '--nodelist', 'node2']);
  expect(unseen.code).toBe(5);
  expect(unseen.stderr).toContain(`the image ${lab.image} does not exist on node node2`);
  await stop(lab);
  await asRoot(lab, 'node3', `mount -t tmpfs none ${(await standins()).binFolder}`);
  const lacking = await deploy(lab, ['--nodes', '1', '--nodelist', 'node3']);
  expect(lacking.code).toBe(5);
  expect(lacking.stderr).toContain('node node3 has no enroot');
  await stop(lab);
});
