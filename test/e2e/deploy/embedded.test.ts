import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, readJson, startLab } from '../../support/lab.js';
import { asRoot, deploy, endpoints, freeNodes, runCode, stop, urlsOf } from './user.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab?.down());
afterEach(() => freeNodes(lab));

const embedded = (...more: string[]) => deploy(lab, ['--runtime', 'embedded', ...more]);
const installed = () => join(lab.folder, 'opt/sandboxctl');
const JOB_VARIABLES = 'import os; print([name for name in os.environ if name.startswith("SANDBOXCTL")])';

test('every node runs the embedded server, isolated, on a free port, and proves its identity by a secret that no program can read', async () => {
  await asRoot(lab, 'node1', '(exec python3 -m http.server 8080 </dev/null >/dev/null 2>&1) &');
  const theirs = `http://${lab.nodes[0]?.address}:8080`;
  await until('somebody on port 8080', () => fetch(theirs).catch(() => undefined));
  const deployed = await embedded('--nodes', '4');
  expect(deployed.code, deployed.stderr).toBe(0);
  expect(deployed.stderr).toMatch(/on node1\): port 8080 was taken\n/);

  const all = await endpoints(lab);
  expect(urlsOf(deployed).sort()).toEqual(all.map(({ url }) => url).sort());
  expect(all.map(({ node, port }) => `${node}:${port}`).sort()).toEqual([
    'node1:8081',
    'node2:8080',
    'node3:8080',
    'node4:8080',
  ]);
  const secrets: string[] = [];
  for (const { url, job_id } of all) {
    const path = lab.state(`fleets/sandbox/registrations/${job_id}.json`);
    const registration = await readJson<{ nonce: string; secret: string }>(path);
    expect(registration).toMatchObject({ nonce: '', secret: expect.stringMatching(/^[\da-f-]{36}$/) });
    expect(await runCode(url, JOB_VARIABLES)).toBe('[]\n');
    secrets.push(registration.secret);
  }
  // deploy has no such flag.
  const log = (await lab.sandboxctl(['logs', '0', '-n', 'all'])).stdout;
  expect([log.includes('ready on'), log.includes('--token-file')]).toEqual([true, false]);
  // Not even root of its node finds it in the environment of a process.
  const [secret = ''] = secrets;
  expect(await asRoot(lab, 'node1', `grep -laF -- '${secret}' /proc/[0-9]*/environ 2>/dev/null || :`)).toBe(
    '',
  );
  const [first] = all;
  const hidden = [lab.users[0].home, lab.shared, '/run/munge', installed()];
  const seen = `import os; print([p for p in ${JSON.stringify(hidden)} if os.path.exists(p)])`;
  expect(await runCode(first?.url ?? '', seen)).toBe('[]\n');
  // What a job has of Slurm is no program's business.
  const slurm = 'import os; print([name for name in os.environ if name.startswith("SLURM")])';
  expect(await runCode(first?.url ?? '', slurm)).toBe('[]\n');

  const ran = await lab.sandboxctl(['run', '--language', 'python'], { input: 'print(6 * 7)' });
  expect(ran).toMatchObject({ code: 0, stdout: '42\n', stderr: '' });

  await stop(lab);
  const left = await asRoot(
    lab,
    'login',
    `pgrep -fc '^[^ ]*node ${installed()}/bin/sandboxctl.js serve' || :`,
  );
  expect(left).toBe('0\n');
});

test('deploy reports a node that cannot see the installation, and one without a usable Node', {
  tags: 'matrix',
}, async () => {
  const node = (await lab.run(['node', '-p', 'process.execPath'])).stdout.trim();
  await asRoot(lab, 'node1', `mount -t tmpfs none ${installed()}`);
  await asRoot(lab, 'node2', `mount --bind /bin/false ${node}`);
  const ask = (name: string) => embedded('--nodes', '1', '--nodelist', name, '--fleet', name);
  const [blind, bare] = [await ask('node1'), await ask('node2')];
  expect(blind).toMatchObject({ code: 5, stdout: '' });
  expect(blind.stderr).toContain(
    `0 of 1 servers of fleet node1 are ready, 1 failed: node node1 does not see sandboxctl at ${installed()}/`,
  );
  expect(blind.stderr).toMatch(/^hint: install sandboxctl on a file system that the nodes share/m);
  expect(bare).toMatchObject({ code: 5, stdout: '' });
  expect(bare.stderr).toMatch(/^error: .*, 1 failed: node node2 has no Node 20\.19 or newer/m);
  expect(bare.stderr).toMatch(/^hint: install one on a file system that the nodes share/m);
});

test('deploy refuses container options for the embedded runtime before anything is submitted', async () => {
  const refused = await embedded('--nodes', '1', '--mount', '/tmp:/data', '--fleet', 'mounts');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('the runtime embedded has no container to mount folders into');
});
