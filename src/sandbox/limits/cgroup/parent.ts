import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownCgroup, text } from '../../../machine/cgroups.js';
import { delegateMemory, enable, runIgnoringErrors } from './delegation.js';
import { isLeftBehind, removeLeftoverRuns } from './leftover-runs.js';
import { RunGroup } from './run-group.js';

/** The cgroup below which each run has one of its own. Plain data: launcher processes get it by message. */
export interface ParentCgroup {
  version: 1 | 2;
  folder: string;
}

export interface OwnParentCgroup {
  home: ParentCgroup;
  /** Takes it away again; no run may be under way. */
  close(): void;
}

/**
 * Makes a cgroup for those of runs, below this process's own; undefined if that is not allowed, which is the
 * rule for who is not root: somebody must have delegated a cgroup.
 */
export async function makeParentCgroup(): Promise<OwnParentCgroup | undefined> {
  const own = ownCgroup('memory');
  if (own === undefined) return undefined;
  const { version, folder } = own;
  const home = { version, folder: join(folder, `sandboxctl-${process.pid}`) };
  const undo: (() => void)[] = [];
  try {
    // Without a hierarchy, the limits above would not hold for what is below.
    if (version === 1 && text(join(folder, 'memory.use_hierarchy')) !== '1') return undefined;
    removeStale(folder);
    if (version === 2) undo.push(...delegateMemory(home.folder));
    undo.unshift(
      () => removeLeftoverRuns(home.folder),
      () => rmdirSync(home.folder),
    );
    mkdirSync(home.folder);
    if (version === 2) enable(home.folder);
    await tryOut(home);
    return { home, close: () => runIgnoringErrors(undo) };
  } catch {
    runIgnoringErrors(undo);
    return undefined;
  }
}

/** Of servers that were killed with all their launchers. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const left = join(folder, name);
    if (!isLeftBehind(left)) continue;
    runIgnoringErrors([() => removeLeftoverRuns(left), () => rmdirSync(left)]);
  }
}

/** Puts a process into a cgroup as a run would be. Rejects if that fails. */
async function tryOut(home: ParentCgroup): Promise<void> {
  const group = new RunGroup(home, 'tried', 2 ** 30);
  try {
    const { status } = spawnSync('/bin/sh', ['-c', 'echo $$ >"$1/cgroup.procs"', 'sh', group.folder]);
    if (status !== 0) throw new Error('no process may be moved');
  } finally {
    await group.close();
  }
}
