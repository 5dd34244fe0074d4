import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../../../cli/run.js';
import { type Machine, newMachine } from './machine.js';

/** What somebody meets whose machine lacks something. */
let machine: Machine;
beforeAll(async () => {
  machine = await newMachine();
});
afterAll(() => machine?.leave());

test('deploy without Slurm says that it uses this machine', async () => {
  const PATH = await machine.pathWithout('squeue');
  const planned = await machine.sandboxctl(['deploy', '--nodes', '1', '--dry-run'], {
    PATH,
    SANDBOXCTL_CLUSTER: 'auto',
  });
  expect(planned.code, planned.stderr).toBe(0);
  expect(planned.stderr).toBe(
    'no Slurm here (no squeue on PATH): the servers run on this machine (--cluster local)\n',
  );
  expect(planned.stdout).toContain('# plan: 1 server on this machine');
});

test('deploy without isolation needs --isolation none, and then warns', {
  tags: 'matrix',
}, async () => {
  // Namespaces of users below this one are as many as it says: none.
  const forbid = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"';
  const forbidden = ['unshare', '--user', '--map-root-user', 'sh', '-c', forbid, 'sh'];
  const deploy = (...more: string[]) =>
    ended(machine.spawned(['deploy', '--nodes', '1', ...more], {}, forbidden));
  const refused = await deploy();
  expect(refused).toMatchObject({ code: 5, stdout: '' });
  expect(refused.stderr).toMatch(/^error: 0 of 1 servers .* does not let programs be isolated/m);
  expect(refused.stderr).toMatch(/^hint: .*--isolation none/m);
  expect(refused.stderr).toMatch(/unshare: .*No space left on device/);

  const none = await deploy('--isolation', 'none');
  expect(none.code, none.stderr).toBe(0);
  expect(none.stderr).toContain('warning: isolation none: programs run with all of your permissions');
});
