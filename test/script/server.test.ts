import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../cluster/hold.js';
import { type Lab, ownedFolder, startLab } from '../support/lab.js';
import { inParts } from '../support/parts.js';
import { NASTY } from './nasty.js';
import { environment, jobOf, onlyUrl, python } from './servers.js';

let lab: Lab;
beforeAll(async () => {
  // One for each fleet here, so that no test waits for another's jobs to end.
  lab = await startLab({ nodes: 6 });
});
afterAll(() => lab?.down());

const SECRET = `s3cret 'x' "y" $(z)\nsecond line`;
const one = (fleet: string, node: string): string[] => ['--fleet', fleet, '--nodes', '1', '--nodelist', node];

for (const { rows, tags } of inParts([
  ['make run-online', 'run-online', 'node1', '32'],
  ['make run', 'run', 'node2', '21'],
  ['uvicorn alone', 'none', 'node4', '10'],
] as const))
  test.each(rows)(
    "%s: our address and port whatever the image says, its own PATH, workers by the node's CPUs",
    { tags },
    async (_what, target, node, workers) => {
      // The image's own environment wins over the job's.
      const path = '/opt/of-the-image/bin:/usr/local/bin:/usr/bin:/bin';
      const env = ['HOST=127.0.0.1', 'PORT=9999', 'WEB_CONCURRENCY=1', `PATH=${path}`];
      const image = await lab.addImage(`${target}.sqsh`, { target, env });
      const url = onlyUrl(await lab.sandboxctl(['deploy', '--image', image, ...one(target, node)]));
      expect(new URL(url).port).toBe('8080');
      expect(await environment(url)).toMatchObject({
        HOST: '0.0.0.0',
        PORT: '8080',
        WEB_CONCURRENCY: workers,
        OMP_NUM_THREADS: '2',
        PATH: path,
      });
    },
  );

test("a program sees nothing of Slurm, of the caller or of sandboxctl but the server's nonce", async () => {
  const env = {
    SECRET_X: 'of the caller',
    SBATCH_COMMENT: 'no',
    SLURM_JOB_ID: '5',
    SANDBOXCTL_TOKEN: 't0ken',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  const seen = await environment(onlyUrl(await lab.deploy(one('bare', 'node3'), { env })));
  expect(Number(seen.SHLVL)).toBeGreaterThanOrEqual(2);
  expect(Object.keys(seen).sort()).toMatchInlineSnapshot(`
    [
      "ENVIRONMENT",
      "HOME",
      "HOST",
      "HOSTNAME",
      "LOGNAME",
      "MAKEFLAGS",
      "MAKELEVEL",
      "MFLAGS",
      "OMP_NUM_THREADS",
      "PATH",
      "PORT",
      "PWD",
      "QT_QPA_PLATFORM",
      "SANDBOXCTL_JOB_NONCE",
      "SHLVL",
      "TERM",
      "TMPDIR",
      "USER",
      "WEB_CONCURRENCY",
    ]
  `);
});

test('the step has all CPUs and the job all memory of its node', { tags: 'matrix' }, async () => {
  await lab.deploy(one('bare', 'node3'));
  const job = await jobOf(lab, 'bare');
  expect(job).toMatch(/_0$/);
  const steps = await lab.run(['scontrol', 'show', 'step', `${job}.0`]);
  expect(steps.stdout).toMatch(/\bCPUs=96\b/);
  const shown = await lab.run(['scontrol', 'show', 'job', job]);
  expect(shown.stdout).toContain('TRES=cpu=96,mem=384G,node=1');
  const naive = await lab.run(['sbatch', '--parsable', '-H', '--exclusive', '-w', 'node1', '--wrap', 'true']);
  // DefMemPerCPU, times the one CPU that was asked for or all: never the node's memory.
  expect((await lab.run(['scontrol', 'show', 'job', naive.stdout.trim()])).stdout).not.toContain('mem=384G');
  await lab.run(['scancel', naive.stdout.trim()]);
});

test('HOME can be written, though the image is read-only', { tags: 'matrix' }, async () => {
  const url = onlyUrl(await lab.deploy(one('bare', 'node3')));
  const code = 'import os; p = os.environ["HOME"] + "/x"; open(p, "w").write("kept"); print(open(p).read())';
  expect(await python(url, code)).toBe('kept\n');
});

/** A process that nobody waits for, of a run that is over. */
let left: { url: string; pid: number };

test('what outlives its run is there at first', async () => {
  const url = onlyUrl(await lab.deploy(one('bare', 'node3')));
  const none = 'stdin=-3, stdout=-3, stderr=-3';
  const code = `import subprocess as s; print(s.Popen(["sleep", "1000"], start_new_session=True, ${none}).pid)`;
  left = { url, pid: Number(await python(url, code)) };
  expect(await lives()).toBe('True\n');
});

const lives = () => python(left.url, `import os; print(os.path.exists("/proc/${left.pid}"))`);

test('--env and --mount arrive as they are; a value of --env KEY stands nowhere', {
  tags: 'matrix',
}, async () => {
  const mounted = await ownedFolder(join(lab.shared, "tests 'a' & b"), lab.users[0]);
  await writeFile(join(mounted, 'case.txt'), 'mounted\n');
  const told = NASTY.map((value, i) => [`T${i}`, value] as const);
  const url = onlyUrl(
    await lab.deploy(
      [
        ...one('told', 'node5'),
        ...['--workers', '1', '--env', 'SECRET_X', '--mount', `${mounted}:/tests`],
        ...told.flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ],
      { env: { SECRET_X: SECRET } },
    ),
  );
  expect(await environment(url)).toMatchObject({
    ...Object.fromEntries(told),
    SECRET_X: SECRET,
    WEB_CONCURRENCY: '1',
  });
  expect(await python(url, 'print(open("/tests/case.txt").read(), end="")')).toBe('mounted\n');
  await nowhere('told', 'node5', 's3cret');
});

/** The files of a fleet that anybody else can read, what Slurm tells, and the command lines of its node. */
async function nowhere(fleet: string, node: string, secret: string): Promise<void> {
  const job = await jobOf(lab, fleet);
  for (const argv of [
    ['scontrol', 'show', 'job', job],
    ['scontrol', 'write', 'batch_script', job, '-'],
  ]) {
    expect((await lab.run(argv)).stdout).not.toContain(secret);
  }
  const lines = 'cat /proc/[0-9]*/cmdline | tr "\\0" " "';
  const commands = await lab.onNode(node, ['bash', '-c', lines], { user: 'root' });
  expect(commands.stdout).toContain('--container-image');
  expect(commands.stdout).not.toContain(secret);
  const folder = lab.state(`fleets/${fleet}`);
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    expect((await stat(path)).mode & 0o077).toBe(0);
    if (entry.isFile() && (await readFile(path, 'utf8')).includes(secret)) found.push(entry.name);
  }
  expect(found).toEqual([expect.stringMatching(/^environment-[0-9a-f]+\.sh$/)]);
}

test('folders of any name: of the call, of the state, of the image', { tags: 'matrix' }, async () => {
  const [user] = lab.users;
  const odd = join(user.home, `50% 'a' "b" #c $(d) ,; ünï`);
  const cwd = await ownedFolder(odd, user);
  await mkdir(join(lab.shared, 'images', 'a $(b)'), { recursive: true });
  const image = await lab.addImage(`a $(b)/my 'own', image.sqsh`, {});
  const env = { SANDBOXCTL_STATE_DIR: join(odd, 'state') };
  const argv = ['deploy', '--image', image, ...one('odd', 'node6')];
  const url = onlyUrl(await lab.sandboxctl(argv, { cwd, env }));
  expect(await python(url, 'print(6 * 7)')).toBe('42\n');
  expect(await readdir(join(odd, 'logs'))).toEqual([expect.stringMatching(/^sandbox-\d+_0\.log$/)]);
});

test('the job ends what outlived its run, and its server serves on', async () => {
  await until('its end', async () => (await lives()) === 'False\n');
});
