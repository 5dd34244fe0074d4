import { existsSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { withdraw } from './delegation.js';
import { isLeftBehind, nameOf, removeLeftoverRuns } from './leftover-runs.js';
import type { ParentCgroup } from './parent.js';
import { RunGroup } from './run-group.js';
import { SlotGroups, type SlotGroupsOptions } from './slot-groups.js';

const RETRY_MS = 100;
const RETRIES = 100;

export class RunGroups {
  private readonly home: ParentCgroup;
  private readonly closing = new Set<Promise<void>>();
  private made = 0;

  constructor(home: ParentCgroup) {
    this.home = home;
    removeLeftoverRuns(home.folder);
  }

  make(memory: number): RunGroup {
    this.made += 1;
    return new RunGroup(this.home, nameOf('run', this.made), memory);
  }

  /** For the slots of a zygote. Undefined where their processes cannot be born in cgroups. */
  forSlots(options: Omit<SlotGroupsOptions, 'folder'>): SlotGroups | undefined {
    if (this.home.version === 1) return undefined;
    this.made += 1;
    try {
      return new SlotGroups({ ...options, folder: join(this.home.folder, nameOf('zygote', this.made)) });
    } catch {
      return undefined;
    }
  }

  end(group: Pick<RunGroup, 'close'>): void {
    const closed = group.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }

  /** The cgroup above is the server's, which may start other launchers: it goes with the last one of a server that was killed. */
  async close(): Promise<void> {
    await Promise.all(this.closing);
    const { folder } = this.home;
    if (!isLeftBehind(folder)) return;
    // What a launcher that was killed had started may still be about to end.
    for (let tried = 0; tried < RETRIES && !removedWithRuns(folder); tried += 1) await setTimeout(RETRY_MS);
    if (!existsSync(folder)) await withdraw(folder);
  }
}

/** False while others have runs there. */
function removedWithRuns(folder: string): boolean {
  removeLeftoverRuns(folder);
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}
