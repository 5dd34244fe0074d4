import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containerTools } from '../../../cluster/container-tools.js';
import { until } from '../../../cluster/hold.js';
import { NASTY } from '../../../script/nasty.js';
import { environment, python } from '../../../script/servers.js';
import { makeCheckout, makeConda } from '../../../support/checkout/index.js';
import { type Lab, ownedFolder, startLab } from '../../../support/lab.js';
import { asRoot, deploy, endpoints, QUICK, stop, urlsOf } from '../user.js';
import { type Wrappers, wrapTools } from '../wrappers.js';

let lab: Lab;
let tools: Wrappers;
beforeAll(async () => {
  tools = await wrapTools(['srun']);
  // The nodes have enroot, and their Slurm no plugin for it.
  const { binFolder } = await containerTools();
  lab = await startLab({
    nodes: 4,
    plugins: [],
    nodePath: [binFolder],
    loginPath: [tools.folder, binFolder],
  });
});
afterAll(async () => {
  await lab?.down();
  await tools?.remove();
});

const SANDBOX = ['--fleet', 'sandbox'];

/** The server that is left alone with what a program left behind, until the last test. */
let leaking = '';
/** Prints the pid of what it leaves, beside a file. */
const LEAK = `
import subprocess
open("/tmp/left", "w").write("x")
none = subprocess.DEVNULL
print(subprocess.Popen(["sleep", "1000"], start_new_session=True, stdout=none, stderr=none).pid)`;
let orphan: number;
/** Whether they are still there: [process, file]. */
const remains = () =>
  python(leaking, `import os; print([os.path.exists("/proc/${orphan}"), os.path.exists("/tmp/left")])`);

/** Jobs that the tools were asked to run beside those of sbatch; srun's help asks nobody. */
const looks = async () =>
  (await tools.calls()).filter(({ tool, argv }) => tool === 'srun' && argv !== '--help');

async function leakOn(deployed: Parameters<typeof urlsOf>[0]): Promise<void> {
  [leaking = ''] = urlsOf(deployed);
  orphan = Number(await python(leaking, LEAK));
  expect(await remains()).toBe('[True, True]\n');
}

test('deploy probes one node, once, if srun does not know pyxis', async () => {
  const deployed = await deploy(lab, ['--nodes', '1', '--fleet', 'leaks', '--nodelist', 'node4']);
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toMatch(/^using runtime enroot: no pyxis; enroot 4\.1\.2 found on node4$/m);
  expect((await looks()).map(({ argv }) => argv)).toEqual([expect.stringContaining('--nodelist=node4')]);
  await leakOn(deployed);
});

/** What enroot runtimes keep on the disks of the nodes, but for the one with the fleet that leaks. */
const kept = async () => {
  const looks = await Promise.all(
    lab.nodes.slice(0, 3).map(({ name }) => lab.onNode(name, ['ls', '/var/tmp'])),
  );
  return looks.flatMap(({ stdout }) => stdout.match(/^sandboxctl-enroot\..*/gm) ?? []);
};

test('each enroot job has its own container and removes it', async () => {
  await tools.forget();
  const folder = await ownedFolder(join(lab.shared, 'data'), lab.users[0]);
  const env = NASTY.flatMap((value, index) => ['--env', `N${index}=${value}`]);
  const more = ['--mount', `${folder}:/data`, '--env', 'SECRET', ...env];
  const deployed = await deploy(lab, [...SANDBOX, '--nodes', '2', ...more], {
    env: { SECRET: 'line\nbreak' },
  });
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toMatch(
    /^using runtime enroot: .*; enroot 4\.1\.2 found on node4 \(detected \d+\w+ ago\)$/m,
  );
  expect(await looks()).toEqual([]);
  const urls = urlsOf(deployed);
  expect(urls).toHaveLength(2);
  for (const url of urls) {
    const inside = await environment(url);
    expect(NASTY.map((_value, index) => inside[`N${index}`])).toEqual([...NASTY]);
    expect(inside).toMatchObject({
      SECRET: 'line\nbreak',
      SHLVL: expect.any(String),
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    });
    expect(
      Object.keys(inside).filter((name) => /^(SLURM|SBATCH|ENROOT|SANDBOXCTL_JOB_SETUP)/.test(name)),
    ).toEqual([]);
    expect(
      await python(url, 'open("/tmp/x", "w").write("y"); open("/data/seen", "w").write("z"); print(1)'),
    ).toBe('1\n');
  }
  expect(await readdir(folder)).toEqual(['seen']);
  expect(await kept()).toHaveLength(2);
  await stop(lab, 'sandbox');
  expect(await kept()).toEqual([]);
});

async function oneReady(...argv: string[]): Promise<string> {
  const deployed = await deploy(lab, [...SANDBOX, '--nodes', '1', ...argv]);
  expect(deployed.code, deployed.stderr).toBe(0);
  return (await endpoints(lab, SANDBOX))[0]?.job_id ?? '';
}

/** Kills a job on node1, all of it at once, as when its node is out of memory: nobody cleans up. */
async function leaveContainer(): Promise<{ job: string; left: string }> {
  const job = await oneReady('--nodelist', 'node1');
  const [left = ''] = await kept();
  await asRoot(lab, 'node1', `kill -KILL $(cut -d' ' -f1 /var/tmp/${left}/owner)`);
  await lab.run(['scancel', '--signal=KILL', job]);
  const queue = ['squeue', '-h', '--name=sandboxctl-sandbox'];
  await until('an empty queue', async () => (await lab.run(queue)).stdout === '');
  expect(await kept()).toEqual([left]);
  return { job, left };
}

test('gc removes the containers of killed jobs on their nodes, and no other', {
  tags: 'matrix',
}, async () => {
  const { left } = await leaveContainer();
  const others = `/var/tmp/sandboxctl-enroot.${lab.users[0].uid}.node1.99.abcdef`;
  // Without an owner it may be one that is being made.
  await asRoot(lab, 'node1', `install -d -o ${lab.users[0].name} ${others}`);
  const listed = await lab.sandboxctl(['gc']);
  expect([listed.code, listed.stderr]).toEqual([0, expect.stringContaining('looking for containers on')]);
  expect(listed.stdout).toMatch(new RegExp(`^container +node1:/var/tmp/${left} +job \\S+ has ended$`, 'm'));
  expect(listed.stdout).not.toContain(others);
  const removed = await lab.sandboxctl(['gc', '--yes']);
  expect(removed.code, removed.stderr).toBe(0);
  expect(await kept()).toEqual([others.slice('/var/tmp/'.length)]);
  await asRoot(lab, 'node1', `rmdir ${others}`);
  await stop(lab, 'sandbox');
});

test('an enroot job removes the container of a killed one on its node', { tags: 'matrix' }, async () => {
  const { job, left } = await leaveContainer();
  expect(await oneReady('--nodelist', 'node1')).not.toBe(job);
  const now = await kept();
  expect(now).toHaveLength(1);
  expect(now).not.toEqual([left]);
  await stop(lab, 'sandbox');
});

test('deploy reports why a container did not start', { tags: 'matrix' }, async () => {
  await asRoot(lab, 'node2', `mount -t tmpfs none ${join(lab.shared, 'images')}`);
  const unseen = await deploy(lab, [...SANDBOX, '--nodes', '1', '--nodelist', 'node2']);
  expect(unseen.code).toBe(5);
  expect(unseen.stderr).toContain(`the image ${lab.image} does not exist on node node2`);
  await stop(lab, 'sandbox');
  const { binFolder } = await containerTools();
  await asRoot(lab, 'node3', `mount -t tmpfs none ${binFolder}`);
  const lacking = await deploy(lab, [...SANDBOX, '--nodes', '1', '--nodelist', 'node3']);
  expect(lacking.code).toBe(5);
  expect(lacking.stderr).toContain('node node3 has no enroot');
  await stop(lab, 'sandbox');
});

test('deploy probes again after a wrong result, and says what to install if no runtime works', {
  tags: 'matrix',
}, async () => {
  const there = [...SANDBOX, '--nodes', '1', '--nodelist', 'node3', '--no-wait'];
  const named = await deploy(lab, there);
  expect(named).toMatchObject({ code: 5, stdout: '' });
  expect(named.stderr).toContain(
    `the image ${lab.image} needs a container runtime, and this cluster has none`,
  );
  const again = await lab.sandboxctl(['deploy', ...there], { env: QUICK });
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toMatch(
    /^using runtime embedded: .*, no enroot on node3; Node v\d+\.\S+ and Python found \(detected \d+s ago\)$/m,
  );
  await stop(lab, 'sandbox');
  await rm(lab.state('runtimes.json'));
  const { binFolder } = await containerTools();
  const node = (await lab.run(['node', '-p', 'process.execPath'])).stdout.trim();
  await asRoot(lab, 'node2', `mount -t tmpfs none ${binFolder} && mount --bind /bin/false ${node}`);
  const nothing = await deploy(lab, [...SANDBOX, '--nodes', '1', '--nodelist', 'node2']);
  expect(nothing).toMatchObject({ code: 5, stdout: '' });
  expect(nothing.stderr).toMatch(/^error: no runtime works on this cluster/m);
  expect(nothing.stderr).toContain('node node2 has no enroot; no Node 20.19 or newer\n');
  expect(nothing.stderr).toMatch(/^hint: ask for enroot on the nodes.*--checkout/m);
  await expect(access(lab.state('runtimes.json'))).rejects.toThrow('ENOENT');
});

test('a checkout on the shared file system runs without a container', {
  tags: 'matrix',
}, async () => {
  const [user] = lab.users;
  const path = await makeCheckout(join(lab.shared, 'SandboxFusion'), { target: 'run' });
  const conda = await makeConda(join(user.home, 'miniconda3'), ['sandbox', 'sandbox-runtime']);
  await asRoot(lab, 'login', `chown -R ${user.uid}:${user.gid} ${path} ${conda}`);
  await tools.forget();
  const nodes = ['--nodes', '2', '--exclude', 'node3', '--fleet', 'own'];
  const deployed = await deploy(lab, [...nodes, '--checkout', path, '--isolation', 'none']);
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(await looks()).toEqual([]);
  const urls = urlsOf(deployed);
  expect(urls).toHaveLength(2);
  for (const url of urls) {
    const seen = await environment(url);
    expect(Object.keys(seen).filter((name) => /^(SLURM|SBATCH|SANDBOXCTL_JOB_SETUP)/.test(name))).toEqual([]);
    expect(await python(url, 'import os; print(os.getcwd())')).toMatch(/^\/tmp\/tmp\w{8}\n$/);
  }
  const configs = (await readdir(join(path, 'sandbox/configs'))).filter((name) =>
    name.startsWith('sandboxctl-'),
  );
  expect(configs).toHaveLength(1);
  await stop(lab, 'own');
});

// Half a minute at least: files must have been unchanged for so long.
test('processes and files that a run left are removed while the server serves', {
  tags: 'matrix',
}, async () => {
  if (leaking === '') await leakOn(await deploy(lab, ['--nodes', '1', '--fleet', 'leaks']));
  // Every check is a run, and a server is cleared up after only while it runs nothing.
  await until('an end of both', async () => (await remains()) === '[False, False]\n', { everyMs: 3_000 });
  const log = await lab.sandboxctl(['logs', '0', '--fleet', 'leaks', '-n', 'all']);
  expect(log.stdout).toContain('sandboxctl: ended processes that outlived their run: 1\n');
  await stop(lab, 'leaks');
});
