import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { follow } from '../../support/follow.js';
import { randomOf, shuffled } from '../../support/random.js';
import { until } from '../../support/until.js';
import type { Site } from '../deploy/site.js';
import { type Fault, faultsOn } from './faults.js';
import { CHAOS_CLOCKS, type Ground, groundOf } from './ground.js';

const FLEET = 'chaos';
/** The longest pause between two looks at how many jobs there are. Milliseconds. */
const LOOK_MS = 1_000;

export interface Totals {
  sent: number;
  lost: number;
  wrong: number;
  words: string[];
  retries: Record<string, number>;
}

export interface Happened {
  name: string;
  /** From the end of the fault until the fleet was whole. Seconds. */
  wholeAfter: number;
}

/**
 * A kept fleet under constant load, to which one fault after another happens until `enough`: of all `kinds` in an order
 * that `seed` decides, and then again in another one. After each it must become whole again: as many healthy servers
 * as are wanted, each instance once, no job beside them, one keeper.
 */
export async function chaos(
  site: Site,
  seed: number,
  enough: (faults: number) => boolean,
  kinds?: readonly string[],
) {
  const random = randomOf(seed);
  const ground = groundOf(site, FLEET, random);
  await ground.deploy();
  await ground.keepAgain();
  const faults = faultsOn(ground).filter(({ name }) => kinds?.includes(name) ?? true);
  const loading = await startLoad(ground);
  const looking = watchJobs(ground);
  const happened: Happened[] = [];
  let deck: Fault[] = [];
  try {
    while (!enough(happened.length)) {
      if (deck.length === 0) deck = shuffled(faults, random);
      const fault = deck.pop();
      if (fault === undefined) break;
      await fault.act();
      const from = performance.now();
      await whole(ground);
      const wholeAfter = Math.round((performance.now() - from) / 100) / 10;
      happened.push({ name: fault.name, wholeAfter });
      console.log(`${new Date().toISOString()} ${fault.name}: whole after ${wholeAfter} s`);
    }
  } catch (error) {
    await looking.end();
    await keepLogs(ground);
    const names = happened.map(({ name }) => name).join(', ');
    throw new Error(`seed ${seed}, after ${names} and the next: ${(error as Error).message}`);
  }
  const totals = await loading.end();
  const most = await looking.end();
  await keepLogs(ground);
  await ground.well('stop', '--yes');
  return { happened, totals, most, left: await ground.live(), keeper: await ground.keeper() };
}

/** Waits until the fleet has what is wanted and nothing else, and every server runs programs. */
async function whole({ ready, live, serves, wanted }: Ground): Promise<void> {
  let seen = '';
  const isWhole = async () => {
    const servers = await ready();
    const jobs = await live();
    seen = `${servers.map(({ job_id }) => job_id)} ready, ${jobs.map(({ id, state }) => `${id} ${state}`)}`;
    const instances = new Set(servers.map(({ instance }) => instance));
    const serving = servers.map(({ job_id }) => job_id).sort();
    return (
      [instances.size, serving.length].every((size) => size === wanted.nodes) &&
      jobs.map(({ id }) => id).join() === serving.join() &&
      jobs.every(({ state }) => state === 'RUNNING') &&
      (await Promise.all(servers.map(serves))).every(Boolean)
    );
  };
  await until('whole again', isWhole).catch((error: Error) => {
    throw new Error(`${error.message}; last seen: ${seen}`);
  });
}

/** Programs through the fleet's gateway, one after another, until `end`. */
export async function startLoad({ lab, fleet }: Pick<Ground, 'lab' | 'fleet'>) {
  const script = join(lab.shared, 'load.mjs');
  await cp(fileURLToPath(new URL('load.mjs', import.meta.url)), script);
  const load = lab.spawn(['sandboxctl', 'exec', '--fleet', fleet, '--', process.execPath, script], {
    env: CHAOS_CLOCKS,
  });
  const { ended, line } = follow(load);
  await line('begun', 'stdout');
  return {
    async end(): Promise<Totals> {
      load.kill('SIGTERM');
      const { stdout, stderr } = await ended;
      const last = stdout.trim().split('\n').at(-1) ?? '';
      if (!last.startsWith('{')) throw new Error(`the load ended without a word: ${stderr}`);
      return JSON.parse(last) as Totals;
    },
  };
}

/** Counts the jobs now and then: the function that it returns says how many there were at most. */
export function watchJobs({ live, pause }: Pick<Ground, 'live' | 'pause'>) {
  let most = 0;
  let over = false;
  const looking = async () => {
    while (!over) {
      most = Math.max(most, (await live()).length);
      await pause(LOOK_MS);
    }
  };
  const ended = looking();
  return {
    async end(): Promise<number> {
      over = true;
      await ended;
      return most;
    },
  };
}

/** `SANDBOXCTL_TEST_LOGS` names a folder for the logs of Slurm and the fleet. */
async function keepLogs({ lab, fleet }: Ground): Promise<void> {
  const { SANDBOXCTL_TEST_LOGS: folder } = process.env;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const keep = (from: string, to: string) => cp(from, join(folder, to), { recursive: true });
  await keep(lab.state(`fleets/${fleet}`), 'fleet');
  await keep(join(lab.folder, 'slurmctld.log'), 'slurmctld.log');
  for (const { name } of lab.nodes)
    await keep(join(lab.folder, 'nodes', name, 'slurmd.log'), `slurmd.${name}.log`);
}
