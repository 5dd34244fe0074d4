import { failures, type Killing, sample } from './killing.js';

/** Which of a command's points it is killed at, by number from 1, given all their names in order. */
export type Choice = (points: readonly string[]) => number[];

export const everyPoint: Choice = (points) => points.map((_, index) => index + 1);

/** Those at which the world changes; of the many writings of the endpoints file the first two. */
const writingPoints: Choice = (points) => {
  const seen = new Map<string, number>();
  return everyPoint(points).filter((k) => {
    const name = points[k - 1] ?? '';
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return /sbatch|scancel|rename/.test(name) && !(name.includes('endpoints') && times > 2);
  });
};

/** So many of the writing points, the same ones for the same seed. */
export const someOf = (size: number, seed: number): Choice => {
  return (points) => sample(writingPoints(points), size, seed);
};

const deploy = (fleet: string, nodes = 2) => ['deploy', '--yes', '--fleet', fleet, '--nodes', String(nodes)];
const stop = (fleet: string) => ['stop', '--yes', '--fleet', fleet];

function many(what: string, found: readonly string[], wanted: number): void {
  if (found.length !== wanted) throw new Error(`${what}: ${found.join(' ') || 'none'}, not ${wanted}`);
}

/** A way to kill a command: what it is, what comes before it, and what must be true after it. */
interface Scene {
  /** Names the fleets; a letter or two. */
  name: string;
  before?: (fleet: string) => Promise<unknown>;
  victim: (fleet: string) => string[];
  after: (fleet: string, k: number) => Promise<void>;
}

/** Counts the scene's points in a first run, then plays it for each that is chosen. Returns what went wrong. */
async function play(killing: Killing, scene: Scene, choice: Choice): Promise<string[]> {
  const { name, before, victim, after } = scene;
  await before?.(name);
  const points = await killing.points(victim(name));
  await killing.end(name);
  return failures(choice(points), async (k) => {
    const fleet = `${name}${k}`;
    try {
      await before?.(fleet);
      await killing.killed(victim(fleet), k);
      await after(fleet, k);
    } catch (error) {
      throw new Error(`killed at "${points[k - 1]}": ${(error as Error).message}`);
    } finally {
      await killing.end(fleet);
    }
  });
}

/** What Slurm has must be shown, whatever the state folder knows. */
async function nothingHidden(killing: Killing, fleet: string): Promise<void> {
  const there = await killing.jobs(fleet);
  const shown = await killing.shown(fleet);
  const hidden = there.filter((id) => !shown.includes(id));
  if (hidden.length > 0) throw new Error(`status does not show ${hidden.join(' ')}, but ${shown.join(' ')}`);
}

/** deploy killed, then `status`, deploy again, and stop. */
export function deployThenDeploy(killing: Killing, choice: Choice): Promise<string[]> {
  const after = async (fleet: string) => {
    await nothingHidden(killing, fleet);
    const urls = await killing.well(deploy(fleet));
    many('URLs', urls.trim().split('\n'), 2);
    many('live jobs', await killing.jobs(fleet), 2);
    many('jobs ever submitted', await killing.jobs(fleet, 'all'), 2);
  };
  return play(killing, { name: 'dd', victim: deploy, after }, choice);
}

/** deploy killed, then stop, twice. */
export function deployThenStop(killing: Killing, choice: Choice): Promise<string[]> {
  const after = async (fleet: string) => {
    await killing.well(stop(fleet));
    many('live jobs', await killing.jobs(fleet), 0);
    await killing.well(stop(fleet));
  };
  return play(killing, { name: 'ds', victim: deploy, after }, choice);
}

/** stop killed, then for every other point deploy, and stop again. */
export function stopThenEither(killing: Killing, choice: Choice): Promise<string[]> {
  const after = async (fleet: string, k: number) => {
    await nothingHidden(killing, fleet);
    if (k % 2 === 0) {
      await killing.well(deploy(fleet));
      many('live jobs', await killing.jobs(fleet), 2);
    }
    await killing.well(stop(fleet));
    many('live jobs after stop', await killing.jobs(fleet), 0);
  };
  const before = (fleet: string) => killing.well(deploy(fleet));
  return play(killing, { name: 'st', before, victim: stop, after }, choice);
}

/** A deploy with other nodes killed, then the same again: who may stay stays. */
export function resized(killing: Killing, from: number, to: number, choice: Choice): Promise<string[]> {
  const first = new Map<string, string[]>();
  const before = async (fleet: string) => {
    await killing.well(deploy(fleet, from));
    first.set(fleet, await killing.jobs(fleet));
  };
  const after = async (fleet: string) => {
    await nothingHidden(killing, fleet);
    await killing.well(deploy(fleet, to));
    const jobs = await killing.jobs(fleet);
    many('live jobs', jobs, to);
    const stayed = jobs.filter((id) => first.get(fleet)?.includes(id));
    many('jobs that stay', stayed, Math.min(from, to));
    many('jobs ever submitted', await killing.jobs(fleet, 'all'), Math.max(from, to));
  };
  return play(
    killing,
    { name: `r${from}${to}x`, before, victim: (fleet) => deploy(fleet, to), after },
    choice,
  );
}
