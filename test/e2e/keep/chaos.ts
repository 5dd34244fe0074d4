import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KeeperRecord } from '../../../src/state/keeper.js';
import { follow } from '../../support/follow.js';
import { until } from '../../support/until.js';
import { SETTLE, SHARED, type Site } from '../deploy/site.js';

const FLEET = 'chaos';
const NODES = 3;
/** How long the controller is away. Milliseconds; longer than any pause of the keeper. */
const AWAY_MS = 8_000;

export interface Totals {
  sent: number;
  lost: number;
  wrong: number;
  words: string[];
}

interface Fault {
  name: string;
  act(): Promise<void>;
}

/** A number from 0 up to `below`, the same ones for the same seed. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number): number => {
    // A linear congruential generator, constants of Numerical Recipes.
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * A kept fleet under constant load, to which one fault after another happens, chosen by `seed`, until `enough`. After
 * each it must become whole again: three healthy servers, each instance once, no job beside them, one keeper.
 */
export async function chaos(site: Site, seed: number, enough: (faults: number) => boolean) {
  const { lab } = site;
  const random = randomOf(seed);
  const sandboxctl = (argv: readonly string[]) => lab.sandboxctl(argv, { env: SETTLE });
  const well = async (argv: readonly string[]) => {
    const ended = await sandboxctl(argv);
    if (ended.code !== 0) throw new Error(`${argv.join(' ')} ended with ${ended.code}:\n${ended.stderr}`);
    return ended;
  };
  const scontrol = (...argv: string[]) => lab.run(['scontrol', ...argv], { user: 'root' });
  const record = async (): Promise<KeeperRecord | undefined> => {
    const text = await readFile(lab.state(`fleets/${FLEET}/keeper.json`), 'utf8').catch(() => '');
    return text === '' ? undefined : (JSON.parse(text) as KeeperRecord);
  };
  const ready = async () => {
    const { stdout } = await well(['endpoints', '--fleet', FLEET, '--direct']);
    return (JSON.parse(stdout) as { endpoints: { instance: number; job_id: string; node: string }[] })
      .endpoints;
  };
  const anyServer = async () => {
    const servers = await ready();
    return servers[random(servers.length)] ?? { job_id: '', node: 'node1' };
  };
  const keepAgain = async () => {
    const { code, stderr } = await sandboxctl(['keep', '--on', 'here', '--detach', '--fleet', FLEET]);
    // Another one that this run started may still be there.
    if (code !== 0 && code !== 8) throw new Error(stderr);
  };
  const killKeeper = async () => {
    const pid = (await record())?.pid;
    if (pid !== undefined) await lab.run(['kill', '-9', String(pid)]);
  };

  const faults: Fault[] = [
    { name: 'keeper killed', act: () => killKeeper().then(keepAgain) },
    {
      name: 'keeper killed while it refills',
      act: async () => {
        const { job_id } = await anyServer();
        await lab.run(['scancel', job_id]);
        await pause(random(4_000));
        await killKeeper();
        await keepAgain();
      },
    },
    {
      name: 'a second keeper',
      act: async () => {
        const { code } = await sandboxctl(['keep', '--on', 'here', '--fleet', FLEET]);
        if (code !== 8) throw new Error(`a second keeper ended with ${code}`);
      },
    },
    { name: 'scancel', act: async () => void (await lab.run(['scancel', (await anyServer()).job_id])) },
    {
      name: 'node drained',
      act: async () => {
        const { node, job_id } = await anyServer();
        await scontrol('update', `nodename=${node}`, 'state=drain', 'reason=test');
        await lab.run(['scancel', job_id]);
        await pause(random(3_000));
        await scontrol('update', `nodename=${node}`, 'state=resume');
      },
    },
    {
      name: 'node down',
      act: async () => {
        const { node } = await anyServer();
        await scontrol('update', `nodename=${node}`, 'state=down', 'reason=test');
        await pause(random(3_000));
        await scontrol('update', `nodename=${node}`, 'state=resume');
      },
    },
    {
      name: 'slurmd killed under a job',
      act: async () => {
        const { node, job_id } = await anyServer();
        await lab.slurmd(node).kill('SIGKILL');
        await lab.run(['scancel', job_id]);
        await pause(random(2_000));
        await lab.slurmd(node).start();
        await scontrol('update', `nodename=${node}`, 'state=resume');
      },
    },
    {
      name: 'controller away while it refills',
      act: async () => {
        const { job_id } = await anyServer();
        await lab.run(['scancel', job_id]);
        await pause(random(2_000));
        await lab.controller.kill('SIGTERM');
        await pause(AWAY_MS);
        await lab.controller.start();
        await lab.ready();
      },
    },
    {
      name: 'deploy beside the keeper',
      act: async () => void (await well(['deploy', ...deployArgs])),
    },
  ];

  const deployArgs = [
    ...['--fleet', FLEET, '--nodes', String(NODES), '--runtime', 'embedded', '--yes', ...SHARED],
  ];
  const whole = async (after: string) => {
    let seen = '';
    await until(`whole again after ${after}`, async () => {
      const servers = await ready();
      const live = await site.jobs(FLEET);
      seen = `${servers.map(({ job_id }) => job_id)} of ${live}`;
      const instances = new Set(servers.map(({ instance }) => instance));
      return (
        instances.size === NODES &&
        servers
          .map(({ job_id }) => job_id)
          .sort()
          .join() === live.join()
      );
    }).catch((error: Error) => {
      throw new Error(`${error.message}; seed ${seed}; last seen: ${seen}`);
    });
  };

  await well(['deploy', ...deployArgs]);
  await keepAgain();
  const script = join(lab.shared, 'load.mjs');
  await cp(fileURLToPath(new URL('load.mjs', import.meta.url)), script);
  const load = lab.spawn(['sandboxctl', 'exec', '--fleet', FLEET, '--', process.execPath, script], {
    env: SETTLE,
  });
  const loading = follow(load);
  const happened: string[] = [];
  while (!enough(happened.length)) {
    const fault = faults[random(faults.length)] ?? faults[0];
    if (fault === undefined) break;
    happened.push(fault.name);
    await fault.act();
    await whole(fault.name);
  }
  load.kill('SIGTERM');
  const { stdout, stderr } = await loading.ended;
  const totals = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Totals;
  await well(['stop', '--yes', '--fleet', FLEET]);
  return { happened, totals, stderr, left: await site.jobs(FLEET), keeper: await record() };
}
