import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { enable } from './delegation.js';
import { removeCgroup } from './remove.js';
import { RunGroup } from './run-group.js';

/** Where a zygote and what started it are: version 2 has no processes beside cgroups. */
const ZYGOTE = 'zygote';

export interface SlotGroupsOptions {
  folder: string;
  /** The zygote's user outside of its namespace; null: this process's own. */
  user: { uid: number; gid: number } | null;
  /** The most bytes of memory that a run may hold. */
  memory: number;
}

/**
 * The cgroup of a zygote (version 2), and those of its slots, whose processes are born in them. When nothing is left
 * of a slot, another one gets its cgroup.
 */
export class SlotGroups {
  readonly folder: string;
  private readonly options: SlotGroupsOptions;
  private readonly all: RunGroup[] = [];
  private readonly free: RunGroup[] = [];
  private readonly asked: (RunGroup | undefined)[] = [];
  private works = true;

  /** Throws system errors. */
  constructor(options: SlotGroupsOptions) {
    this.options = options;
    this.folder = options.folder;
    mkdirSync(this.folder);
    try {
      enable(this.folder);
      mkdirSync(join(this.folder, ZYGOTE));
      this.allowBirths(this.folder);
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  /** The command that makes the zygote fork a slot. If it names a cgroup, the slot's process is born there. */
  order(): string {
    const group = this.works ? (this.free.pop() ?? this.made()) : undefined;
    this.asked.push(group);
    return group === undefined ? 'fork' : `fork ${group.name}`;
  }

  /** The zygote made the slot that it was asked for longest ago. Returns its cgroup; undefined if it is not in one. */
  born(isIn: boolean): RunGroup | undefined {
    const group = this.asked.shift();
    if (isIn || group === undefined) return group;
    // Nor will the next ones be.
    this.works = false;
    this.free.push(group);
    return undefined;
  }

  /** It could not make that slot. */
  missed(): void {
    const group = this.asked.shift();
    if (group !== undefined) this.free.push(group);
  }

  /** Nothing is left of its slot. */
  giveBack(group: RunGroup): void {
    try {
      group.renew(this.options.memory);
      this.free.push(group);
    } catch {
      // The next slot gets another one; it goes with the zygote.
    }
  }

  /** The zygote is gone. */
  async close(): Promise<void> {
    await Promise.all(this.all.map((each) => each.close()));
    await removeCgroup(join(this.folder, ZYGOTE));
    await removeCgroup(this.folder);
  }

  private made(): RunGroup | undefined {
    const { folder, memory } = this.options;
    try {
      const group = new RunGroup({ version: 2, folder }, `slot-${this.all.length}`, memory);
      this.all.push(group);
      this.allowBirths(group.folder);
      return group;
    } catch {
      this.works = false;
      return undefined;
    }
  }

  /** The zygote may put processes there, and change nothing else. */
  private allowBirths(folder: string): void {
    const { user } = this.options;
    if (user !== null) chownSync(join(folder, 'cgroup.procs'), user.uid, user.gid);
  }
}
