import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EndpointsFile } from '../../../src/endpoints/schema.js';
import { until } from '../../cluster/hold.js';
import { type Lab, startLab } from '../../support/lab.js';
import { deploy, freeNodes, QUICK, stop, urlsOf } from './user.js';

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({ nodes: 3 });
});
afterAll(() => lab?.down());
afterEach(async () => {
  await stop(lab);
  await freeNodes(lab);
});

const file = async () => JSON.parse((await lab.sandboxctl(['endpoints'])).stdout) as EndpointsFile;
const jobs = async () =>
  (await lab.run(['squeue', '-h', '-r', '-o', '%i %C %h %T'])).stdout.trim().split('\n').filter(Boolean);

test('deploy --gateway job runs a small gateway job, which is found again by its job alone and cancelled by stop', async () => {
  const deployed = await deploy(lab, ['--nodes', '2', '--gateway', 'job']);
  expect(deployed.code, deployed.stderr).toBe(0);
  const { gateway, endpoints } = await file();
  expect(urlsOf(deployed)).toEqual([gateway?.url]);
  expect(endpoints.map(({ node }) => node)).not.toContain(gateway?.node);
  // It may not have read of the second one yet.
  const { stdout } = await until('status', async () => {
    const status = await lab.sandboxctl(['status'], { env: QUICK });
    return status.stdout.includes(' of 2 in rotation') && status;
  });
  expect(stdout).toMatch(new RegExp(`^gateway ${gateway?.url}: \\d of 2 in rotation`, 'm'));
  expect(stdout).toContain(`status page: ${gateway?.url}/_sandboxctl`);
  const log = (await lab.sandboxctl(['logs', 'gateway', '-n', 'all'], { env: QUICK })).stdout;
  expect([log.includes('gateway: ready on'), log.includes('--token-file')]).toEqual([true, false]);
  const own = await lab.run(['squeue', '-h', '-j', gateway?.job_id ?? '', '-o', '%j %C %k']);
  expect(own.stdout).toMatch(/^sandboxctl-sandbox 2 sandboxctl:sandbox:\d+:\w+\n$/);
  await until('both in rotation', async () =>
    (await (await fetch(`${gateway?.url}/healthz`)).text()).includes('"ready":2'),
  );

  const again = await deploy(lab, ['--nodes', '2']);
  expect([again.code, again.stdout]).toEqual([0, deployed.stdout]);
  expect(again.stderr).not.toContain('submitted');
  expect(await jobs()).toHaveLength(3);

  await lab.run(['rm', '-rf', lab.state('fleets/sandbox')]);
  await until('jobs that bring their registrations back', async () =>
    /^gateway +ready/m.test((await lab.sandboxctl(['status'], { env: QUICK })).stdout),
  );
});

test('deploy --gateway here starts a gateway that follows the fleet as it grows', {
  tags: 'matrix',
}, async () => {
  const deployed = await deploy(lab, ['--nodes', '1', '--gateway', 'here']);
  expect(deployed.code, deployed.stderr).toBe(0);
  const { gateway } = await file();
  expect(Number(gateway?.job_id)).toBeGreaterThanOrEqual(5_000_000_000);
  expect(await jobs()).toHaveLength(1);
  const grown = await deploy(lab, ['--nodes', '2']);
  expect([grown.code, grown.stdout]).toEqual([0, deployed.stdout]);
  await until('both in rotation', async () => {
    const answer = await lab.run(['curl', '-s', `${gateway?.url}/healthz`]);
    return answer.stdout.includes('"ready":2');
  });
  await stop(lab);
  expect((await lab.run(['curl', '-s', `${gateway?.url}/healthz`])).code).not.toBe(0);
});

test('exec in a job of two nodes offers one URL on both and ends with its command', {
  tags: 'matrix',
}, async () => {
  expect((await deploy(lab, ['--nodes', '1'])).code).toBe(0);
  const [user] = lab.users;
  const program = '{"language": "python", "code": "print(6 * 7)"}';
  await writeFile(
    join(user.home, 'train.sh'),
    `srun -N 2 --overlap bash -c 'for i in {1..300}; do
       curl -sf "$SANDBOX_URL" -H "content-type: application/json" -d '\\''${program}'\\'' >answer-$(hostname) && exit; sleep 0.1
     done; exit 1' || exit
     echo "$SANDBOX_URL" >url
     exit 7`,
  );
  const script = '#!/bin/bash\nsandboxctl exec -- bash train.sh\necho "ended with $?"\n';
  await writeFile(join(user.home, 'job.sh'), script, { mode: 0o755 });
  // Its --wait would look every half a minute.
  const sent = await lab.run(['sbatch', '-N', '2', '--mem=1G', '-o', 'out.txt', 'job.sh'], {
    cwd: user.home,
  });
  expect(sent.code, sent.stderr).toBe(0);
  const read = async (name: string) => (await lab.run(['cat', name], { cwd: user.home })).stdout;
  await until('the end of exec', async () => (await read('out.txt')).includes('ended with'));
  expect(await read('out.txt')).toContain('ended with 7\n');
  expect(await read('url')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/run_code\n$/);
  const answers = await lab.run(['sh', '-c', 'cat answer-node*'], { cwd: user.home });
  expect(answers.stdout.match(/"stdout":"42\\n"/g)).toHaveLength(2);
  // Of the step on the other node nothing is left, or the job would not have ended.
  await until('the job is gone', async () => (await jobs()).length === 1);
});
