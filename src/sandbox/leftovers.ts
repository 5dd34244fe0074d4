import { removeFolder } from './remove.js';
import { kill, list, read } from './tree.js';

/** The variable that marks every process of a run without isolation: its value is the run's folder. */
export const MARK = 'SANDBOXCTL_RUN';

/** One look over all processes costs some milliseconds, so that many runs share one. */
const LOOK_MS = 500;

/**
 * Ends what runs without isolation leave behind: daemons that left their process group and their parent are
 * found by their environment.
 */
export class Leftovers {
  private readonly over = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  /** The run in `folder` is over: whatever is left of it is ended soon. */
  seek(folder: string): void {
    this.over.add(folder);
    this.timer ??= setTimeout(() => this.look(), LOOK_MS);
  }

  /** Looks now for what is left of all that is over. */
  look(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    endMarked(this.over);
    // What they wrote after the end.
    for (const folder of this.over) void removeFolder(folder);
    this.over.clear();
  }
}

/** Looks at all processes so often: some are born while others end. */
const PASSES = 20;

/** Ends all processes of these runs, also those that are born meanwhile. */
export function endMarked(folders: ReadonlySet<string>): void {
  for (let pass = 0; pass < PASSES && folders.size > 0; pass += 1) {
    const found = list('/proc').filter((name) => /^\d+$/.test(name) && folders.has(markOf(name)));
    if (found.length === 0) return;
    kill(found.map(Number));
  }
}

function markOf(pid: string): string {
  const variables = read(`/proc/${pid}/environ`).split('\0');
  return variables.find((each) => each.startsWith(`${MARK}=`))?.slice(MARK.length + 1) ?? '';
}
