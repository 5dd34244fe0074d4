import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { follow } from '../../support/follow.js';
import { until } from '../../support/until.js';
import { type Choice, everyPoint } from '../deploy/convergence.js';
import { failures } from '../deploy/killing.js';
import { SETTLE, SHARED, type Site } from '../deploy/site.js';

const PRELOAD = fileURLToPath(new URL('../deploy/kill-at.mjs', import.meta.url));
export const NODES = 2;

/** What a keeper has to do, and how many jobs the fleet has ever had once it is done. */
export interface Work {
  /** Names the fleets. */
  name: string;
  /** Gives a deployed fleet of two something to do. */
  begin(phases: Phases, fleet: string): Promise<unknown>;
  jobsEver: number;
}

/** Where it is killed, by number from 1, or stands still, by name. */
interface At {
  killAt?: number;
  holdAt?: string;
}

export type Phases = ReturnType<typeof keeperPhases>;

/** A fleet on stub servers, and keepers of it that are killed, or stand still, at a point of their work. */
export function keeperPhases(site: Site) {
  const { lab } = site;
  let runs = 0;

  async function well(fleet: string, ...argv: string[]): Promise<string> {
    const ended = await lab.sandboxctl([...argv, '--fleet', fleet], { env: SETTLE });
    if (ended.code === 0) return ended.stdout;
    throw new Error(`${argv.join(' ')} ended with ${ended.code}:\n${ended.stderr}`);
  }

  async function ready(fleet: string): Promise<string[]> {
    const { endpoints } = JSON.parse(await well(fleet, 'endpoints')) as { endpoints: { job_id: string }[] };
    return endpoints.map(({ job_id }) => job_id).sort();
  }

  /** As many ready servers as are wanted, those jobs alone, and all that Slurm ever had. */
  async function isDone(fleet: string, jobsEver: number): Promise<boolean> {
    const [serving, live] = [await ready(fleet), await site.jobs(fleet)];
    const ever = await site.jobs(fleet, 'all');
    return serving.length === NODES && serving.join() === live.join() && ever.length === jobsEver;
  }

  /** Their points are written down. */
  const keeper = (fleet: string, at: At = {}) => command(fleet, ['keep', '--on', 'here'], at);

  function command(fleet: string, words: readonly string[], at: At = {}) {
    const log = join(lab.users[0].home, `keeper-points-${runs++}`);
    const env = {
      ...SETTLE,
      NODE_OPTIONS: `--import=${PRELOAD}`,
      KILL_AT_LOG: log,
      KILL_AT: String(at.killAt ?? 0),
      HOLD_AT: at.holdAt ?? '',
    };
    const child = lab.spawn(['sandboxctl', ...words, '--fleet', fleet], { env, input: '' });
    const { ended } = follow(child);
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    const points = async () => (await readFile(log, 'utf8').catch(() => '')).trim().split('\n');
    return {
      points,
      ended,
      isOver: () => isOver,
      isHeld: async () => (await readFile(`${log}.held`, 'utf8').catch(() => undefined)) !== undefined,
      letGo: () => writeFile(`${log}.go`, ''),
      /** As Ctrl-C does: nobody misses it. */
      async end(): Promise<string> {
        child.kill('SIGINT');
        return (await ended).stderr;
      },
    };
  }

  async function deployed(fleet: string): Promise<void> {
    await deploy(fleet);
  }

  const deployArgv = ['deploy', '--image', lab.image, '--nodes', String(NODES), '--yes', ...SHARED];
  const deploy = (fleet: string, ...argv: string[]) => well(fleet, ...deployArgv, ...argv);
  /** Of servers that end at once, so that it goes back to the spec before. */
  const badDeploy = (fleet: string, at?: At) => command(fleet, [...deployArgv, '--env', 'STUB_EXIT=9'], at);

  async function done(fleet: string, jobsEver: number): Promise<void> {
    let seen = '';
    await until(`${fleet} is done`, async () => {
      if (await isDone(fleet, jobsEver)) return true;
      seen = `${await ready(fleet)} ready, live ${await site.jobs(fleet)}, ever ${await site.jobs(fleet, 'all')}`;
      return false;
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${seen}, and ${jobsEver} jobs are right`);
    });
  }

  const phases = { site, well, ready, keeper, deploy, badDeploy, deployed, done, isDone, play };

  /** Counts the points of the work in a first run, then kills a keeper at each that is chosen. Returns what went wrong. */
  async function play(work: Work, choice: Choice = everyPoint): Promise<string[]> {
    const first = work.name;
    await deployed(first);
    await work.begin(phases, first);
    const whole = keeper(first);
    await done(first, work.jobsEver);
    await whole.end();
    const points = await whole.points();
    const chosen = choice(points);
    console.log(`${work.name}: ${chosen.length} of ${points.length} points`);
    return failures(chosen, async (k) => {
      const fleet = `${work.name}${k}`;
      const where = `killed at "${points[k - 1]}"`;
      try {
        await deployed(fleet);
        await work.begin(phases, fleet);
        const victim = keeper(fleet, { killAt: k });
        // It may find less to do than the one that was counted.
        await until(where, async () => victim.isOver() || (await isDone(fleet, work.jobsEver)));
        await victim.end();
        const next = keeper(fleet);
        await done(fleet, work.jobsEver);
        await next.end();
      } catch (error) {
        throw new Error(`${where}: ${(error as Error).message}`);
      } finally {
        await lab.run(['scancel', `--name=sandboxctl-${fleet}`]);
      }
    });
  }

  return phases;
}

/** A job was cancelled by somebody. */
export const REFILL: Work = {
  name: 'refill',
  jobsEver: NODES + 1,
  async begin({ ready, site }, fleet) {
    const [lost = ''] = await ready(fleet);
    await site.lab.run(['scancel', lost]);
  },
};

/** Another spec is recorded, of which no server runs yet. */
export const ROLLOUT: Work = {
  name: 'rollout',
  jobsEver: NODES + NODES,
  begin: ({ deploy }, fleet) => deploy(fleet, '--env', 'OTHER=1', '--no-wait'),
};
