/**
 * Minutes of load. `npm test` has the parts: draining (local/drain), and a gateway whose servers die
 * (test/gateway/failing-servers).
 *
 * @module-tag matrix
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cluster/hold.js';
import { type Lab, startLab } from '../../support/lab.js';
import { SHARED } from './site.js';
import { deploy, endpoints, QUICK, urlsOf } from './user.js';

const env = { ...QUICK, SANDBOXCTL_DRAIN: '30s' };

let lab: Lab;
beforeAll(async () => {
  lab = await startLab({
    nodes: 2,
    config: ['PreemptType=preempt/partition_prio', 'PreemptMode=CANCEL'],
    partitions: ['PartitionName=urgent Nodes=node[1-2] PriorityTier=10 State=UP'],
  });
});
afterAll(() => lab?.down());

const LONG = { timeout: 400_000 };
const AT_ONCE = 8;
/** Long enough that each end of a job meets runs under way, and that they leave the machine some time. */
const PROGRAM = {
  code: 'sleep 2; echo as it should',
  language: 'bash',
  // Callers wait 2 s longer, also on a busy machine.
  run_timeout: 60,
};

/** What callers were told while something happened. */
interface Told {
  right: number;
  /** Failures that say of themselves that they are the sandbox's. */
  infra: number;
  /** All else: a reward would take it for the program's. */
  wrong: string[];
}

/** Keeps runs in flight through a gateway until it is told to end. */
function traffic(url: string): { told: Told; end: () => Promise<Told> } {
  const told: Told = { right: 0, infra: 0, wrong: [] };
  let ended = false;
  const caller = async () => {
    while (!ended) {
      const answer = await fetch(`${url}/run_code`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(PROGRAM),
      }).catch(() => undefined);
      const text = (await answer?.text().catch(() => undefined)) ?? '';
      if (answer?.status === 200 && text.includes('"stdout":"as it should\\n"')) told.right += 1;
      else if (answer === undefined || text === '' || answer.headers.has('x-sandboxctl-infra-error')) {
        told.infra += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
      } else told.wrong.push(`${answer.status} ${text}`);
    }
  };
  const callers = Array.from({ length: AT_ONCE }, caller);
  return {
    told,
    end: async () => {
      ended = true;
      await Promise.all(callers);
      return told;
    },
  };
}

/** Two servers behind a gateway, with runs on both of them when this returns. */
async function busyFleet(fleet: string, port: number, ...more: string[]) {
  const own = ['--fleet', fleet, '--nodes', '2', '--port', String(port)];
  const argv = [...own, '--gateway', 'here', ...more];
  const deployed = await deploy(lab, argv, { env });
  expect(deployed.code, deployed.stderr).toBe(0);
  const [url = ''] = urlsOf(deployed);
  const flow = traffic(url);
  await until('runs on both servers', async () => flow.told.right >= 2 * AT_ONCE);
  return { ...flow, argv, servers: await endpoints(lab, ['--fleet', fleet]) };
}

/** As long as it takes until every run that was under way has been answered, and as many again. */
async function more({ told }: { told: Told }): Promise<void> {
  const { right, infra } = told;
  const answered = () => told.right + told.infra + told.wrong.length;
  await until('more answers', async () => answered() >= right + infra + 3 * AT_ONCE);
}

const events = async (fleet: string) => (await lab.sandboxctl(['events', '--fleet', fleet])).stdout;
const stop = (fleet: string) => lab.sandboxctl(['stop', '--yes', '--fleet', fleet], { env });

// Each has a fleet of its own; they share the nodes. The preempted one, after them, has a node for each server.
test.concurrent(
  'every run is answered correctly while a job is cancelled and the fleet shrinks',
  LONG,
  async () => {
    const fleet = await busyFleet('cancelled', 8090, ...SHARED);
    const [first] = fleet.servers;
    await lab.run(['scancel', first?.job_id ?? '']);
    await more(fleet);
    const again = await deploy(lab, fleet.argv, { env });
    expect(again.code, again.stderr).toBe(0);
    expect(fleet.told).toMatchObject({ infra: 0, wrong: [] });

    const smaller = [...fleet.argv, '--nodes', '1', '--yes'];
    const scaled = await deploy(lab, smaller, { env });
    expect(scaled.code, scaled.stderr).toBe(0);
    await more(fleet);
    expect(await fleet.end()).toMatchObject({ infra: 0, wrong: [] });
    const said = await events('cancelled');
    expect(said).toContain('"reason":"draining for up to 30 s: the fleet has 1 server now"');
    expect(said).toContain('"reason":"cancelled: the fleet has 1 server now"');
    await stop('cancelled');
  },
);

test.concurrent(
  'no run is answered wrongly while a new spec replaces all jobs, and during stop',
  LONG,
  async () => {
    const fleet = await busyFleet('changed', 8110, ...SHARED);
    const changed = await deploy(lab, [...fleet.argv, '--env', 'COLOUR=red', '--yes'], { env });
    expect(changed.code, changed.stderr).toBe(0);
    await more(fleet);
    expect(fleet.told.wrong).toEqual([]);
    expect(await events('changed')).toContain('cancelled: its spec was replaced by a newer one');
    const stopped = await stop('changed');
    expect(stopped.code, stopped.stderr).toBe(0);
    expect((await fleet.end()).wrong).toEqual([]);
  },
);

test.concurrent(
  'no run is answered wrongly when jobs reach their time limit: servers drain before',
  LONG,
  async () => {
    const fleet = await busyFleet('limited', 8130, ...SHARED, '--time', '2');
    // One at a time, so that the other can take what it had.
    const states = async () =>
      (await endpoints(lab, ['--fleet', 'limited', '--all', '--check'])).map(({ state }) => state);
    await until('draining servers', async () => (await states()).includes('draining'));
    await until(
      'no servers',
      async () => !(await states()).some((state) => ['ready', 'draining'].includes(state)),
    );
    expect((await fleet.end()).wrong).toEqual([]);
    await stop('limited');
  },
);

test('every run is answered correctly when a job is preempted', LONG, async () => {
  const fleet = await busyFleet('preempted', 8150);
  const [first] = fleet.servers;
  const urgent = await lab.run([
    ...['sbatch', '--parsable', '-p', 'urgent', '--exclusive', '-w', first?.node ?? '', '-o', '/dev/null'],
    ...['--wrap', 'sleep 5'],
  ]);
  expect(urgent.code, urgent.stderr).toBe(0);
  await until(
    'the preempted job',
    async () =>
      !(await lab.run(['squeue', '-h', '-r', '-o', '%i', '-t', 'R'])).stdout.includes(first?.job_id ?? ''),
  );
  await more(fleet);
  expect(await fleet.end()).toMatchObject({ infra: 0, wrong: [] });
  await stop('preempted');
});
