import { rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { withdraw } from './delegation.js';
import { isLeftBehind, nameOf, removeLeftoverRuns } from './leftover-runs.js';
import type { ParentCgroup } from './parent.js';
import { RunGroup } from './run-group.js';
import { SlotGroups, type SlotGroupsOptions } from './slot-groups.js';

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
    if (!isLeftBehind(this.home.folder)) return;
    removeLeftoverRuns(this.home.folder);
    try {
      rmdirSync(this.home.folder);
    } catch {
      // Others still have runs there.
      return;
    }
    await withdraw(this.home.folder);
  }
}
