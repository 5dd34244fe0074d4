import { setImmediate } from 'node:timers/promises';
import { removeFolder } from './remove.js';
import { lastSpawned } from './spawned.js';
import { kill, list, read } from './tree.js';

/** The variable that marks every process of a run without isolation: its value is the run's folder. */
export const MARK = 'SANDBOXCTL_RUN';

/** One look over all processes costs some milliseconds, so that many runs share one. */
const LOOK_MS = 500;
/** In so many milliseconds no machine gives away all numbers of processes: a greater one is a younger process. */
const SAME_ROUND_MS = 2000;

export interface SpawnPoint {
  ms: number;
  pid: number;
}

export function currentSpawnPoint(): SpawnPoint {
  return { ms: performance.now(), pid: lastSpawned() };
}

/** Ends daemons that left their process group and parent: found by their environment. */
export class Leftovers {
  private readonly over = new Set<string>();
  private first: SpawnPoint | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly removing = new Set<Promise<void>>();

  /** Ends what is left of a run that began at `moment`, and removes its folder once its answer is on its way. */
  seek(folder: string, file: string, moment: SpawnPoint): void {
    this.over.add(folder);
    this.remove(folder, file);
    if (this.first === undefined || moment.ms < this.first.ms) this.first = moment;
    this.timer ??= setTimeout(() => this.look(), LOOK_MS);
  }

  look(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    killMarked(this.over, this.first);
    // What they wrote after the end.
    for (const folder of this.over) this.remove(folder);
    this.over.clear();
    this.first = undefined;
  }

  async close(): Promise<void> {
    this.look();
    await Promise.all(this.removing);
  }

  private remove(folder: string, file?: string): void {
    const gone = setImmediate()
      .then(() => removeFolder(folder, file))
      .finally(() => this.removing.delete(gone));
    this.removing.add(gone);
  }
}

/** Looks at all processes so often: some are born while others end. */
const PASSES = 20;

/** Also processes born meanwhile. None is older than `since`. */
export function killMarked(folders: ReadonlySet<string>, since?: SpawnPoint): void {
  for (let pass = 0; pass < PASSES && folders.size > 0; pass += 1) {
    const found = bornSince(since).filter((pid) => folders.has(markOf(pid)));
    if (found.length === 0) return;
    kill(found.map(Number));
  }
}

function bornSince(moment: SpawnPoint | undefined): string[] {
  const all = list('/proc').filter((name) => /^\d+$/.test(name));
  if (moment === undefined) return all;
  const { ms, pid } = currentSpawnPoint();
  // The last number that anybody got stands there; it is below ours where the numbers began anew.
  const newest = Number(read('/proc/loadavg').split(' ')[4]);
  const told = ms - moment.ms < SAME_ROUND_MS && moment.pid <= pid && pid <= newest;
  return told ? all.filter((each) => Number(each) > moment.pid) : all;
}

function markOf(pid: string): string {
  const variables = read(`/proc/${pid}/environ`).split('\0');
  return variables.find((each) => each.startsWith(`${MARK}=`))?.slice(MARK.length + 1) ?? '';
}
