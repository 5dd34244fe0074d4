import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab } from '../../support/lab.js';
import { randomOf } from '../../support/random.js';

const PRELOAD = fileURLToPath(new URL('kill-at.mjs', import.meta.url));
/** Fleets that are worked on at once: most of the time is waiting. */
const AT_ONCE = 4;
/** Many small servers share the two nodes. */
const SMALL = ['--no-exclusive', '--cpus-per-task', '2', '--mem', '100M', '--port-range', '8080-8180'];

export interface Killing {
  /** Runs a command to its end and returns the names of the points that it passes. */
  points(argv: readonly string[]): Promise<string[]>;
  /** Runs a command that is killed at its point `k`, counted from 1. */
  killed(argv: readonly string[], k: number): Promise<void>;
  /** Runs a command that must end well; returns its stdout. */
  well(argv: readonly string[]): Promise<string>;
  /** Ids of a fleet's jobs by squeue's own word: those that pend or run, or all that it remembers. */
  jobs(fleet: string, which?: 'live' | 'all'): Promise<string[]>;
  /** Takes a fleet's jobs away by Slurm's own means. */
  end(fleet: string): Promise<void>;
  /** Ids of the jobs that `status` shows of a fleet and calls neither gone nor draining. */
  shown(fleet: string): Promise<string[]>;
}

export async function killing(lab: Lab): Promise<Killing> {
  const preload = join(lab.shared, 'kill-at.mjs');
  await cp(PRELOAD, preload);
  const settle = { SANDBOXCTL_SETTLE: '2s' };
  let runs = 0;
  const run = (argv: readonly string[], env: Record<string, string> = {}) =>
    lab.sandboxctl(
      argv[0] === 'deploy' ? ['deploy', '--image', lab.image, ...SMALL, ...argv.slice(1)] : argv,
      {
        env: { ...settle, ...env },
      },
    );
  const instrumented = async (argv: readonly string[], k: number) => {
    const log = join(lab.users[0].home, `points-${runs++}`);
    const result = await run(argv, {
      NODE_OPTIONS: `--import=${preload}`,
      KILL_AT_LOG: log,
      KILL_AT: String(k),
    });
    return { result, points: (await readFile(log, 'utf8')).trim().split('\n') };
  };
  const well: Killing['well'] = async (argv) => {
    const result = await run(argv);
    if (result.code === 0) return result.stdout;
    throw new Error(`${argv.join(' ')} ended with ${result.code}:\n${result.stderr}`);
  };
  // The image is read once and remembered: no point of any later run.
  await well(['deploy', '--dry-run', '--nodes', '1']);
  return {
    well,
    async points(argv) {
      const { result, points } = await instrumented(argv, 0);
      if (result.code !== 0) throw new Error(result.stderr);
      return points;
    },
    async killed(argv, k) {
      const { result, points } = await instrumented(argv, k);
      // It may have found less to do than the run that was counted.
      if (result.signal === 'SIGKILL' || points.length < k) return;
      throw new Error(`it was to be killed at ${points[k - 1]}: ${result.stderr}`);
    },
    async jobs(fleet, which = 'live') {
      const states = which === 'live' ? 'PENDING,CONFIGURING,RUNNING' : 'all';
      const argv = ['squeue', '-h', '-r', '-o', '%i', '-t', states, `--name=sandboxctl-${fleet}`];
      return (await lab.run(argv)).stdout.trim().split('\n').filter(Boolean).sort();
    },
    async end(fleet) {
      await lab.run(['scancel', `--name=sandboxctl-${fleet}`]);
    },
    async shown(fleet) {
      const told = JSON.parse(await well(['status', '--json', '--fleet', fleet])) as {
        fleets: { instances: Row[]; surplus: Row[] }[];
      };
      return told.fleets
        .flatMap(({ instances, surplus }) => [...instances, ...surplus])
        .flatMap(({ job_id }) => job_id ?? [])
        .sort();
    },
  };
}

interface Row {
  job_id: string | null;
}

/** Runs `each` for all items, some at once, and returns what went wrong, one line a failure. */
export async function failures<T>(items: readonly T[], each: (item: T) => Promise<void>): Promise<string[]> {
  const waiting = [...items];
  const failed: string[] = [];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await each(item).catch((error: Error) => failed.push(error.message));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failed;
}

/** `size` of these numbers, the same ones for the same seed. */
export function sample(numbers: readonly number[], size: number, seed: number): number[] {
  const random = randomOf(seed);
  return numbers
    .map((number) => ({ number, order: random(2 ** 32) }))
    .sort((a, b) => a.order - b.order)
    .slice(0, size)
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}
