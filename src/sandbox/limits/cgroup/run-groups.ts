import { rmdirSync } from 'node:fs';
import { withdraw } from './delegation.js';
import { isLeftBehind, removeLeftoverRuns, runName } from './leftover-runs.js';
import type { ParentCgroup } from './parent.js';
import { RunGroup } from './run-group.js';

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
    return new RunGroup(this.home, runName(this.made), memory);
  }

  end(group: RunGroup): void {
    const closed = group.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }

  /** The cgroup above is the server's, which may start other launchers: it goes with the last one of a server that was killed. */
  async close(): Promise<void> {
    await Promise.all(this.closing);
    if (!isLeftBehind(this.home.folder)) return;
    try {
      rmdirSync(this.home.folder);
    } catch {
      // Others still have runs there.
      return;
    }
    await withdraw(this.home.folder);
  }
}
