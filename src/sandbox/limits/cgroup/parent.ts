import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownCgroup, text } from '../../../machine/cgroups.js';
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
  const undo: Step[] = [];
  try {
    // Without a hierarchy, the limits above would not hold for what is below.
    if (version === 1 && text(join(folder, 'memory.use_hierarchy')) !== '1') return undefined;
    removeStale(folder);
    if (version === 2) undo.push(...delegateMemory(folder));
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

type Step = () => void;

/** Of servers that were killed with all their launchers. */
function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const left = join(folder, name);
    if (!isLeftBehind(left)) continue;
    runIgnoringErrors([() => removeLeftoverRuns(left), () => rmdirSync(left)]);
  }
}

/**
 * Version 2 limits memory below a cgroup only where no process is in it, but for the root of all: this one moves
 * aside. That is for who has the cgroup to itself; where others are in it, it stays as it is and this throws.
 * Returns what undoes it.
 */
function delegateMemory(folder: string): Step[] {
  if (words(folder, 'cgroup.subtree_control').includes('memory')) return [];
  try {
    enable(folder);
    return [];
  } catch {
    const aside = join(folder, `sandboxctl-${process.pid}-server`);
    const undo = [
      () => writeFileSync(join(folder, 'cgroup.subtree_control'), '-memory'),
      () => writeFileSync(join(folder, 'cgroup.subtree_control'), '-pids'),
      () => writeFileSync(join(folder, 'cgroup.procs'), String(process.pid)),
      () => rmdirSync(aside),
    ];
    try {
      mkdirSync(aside);
      writeFileSync(join(aside, 'cgroup.procs'), String(process.pid));
      enable(folder);
      return undo;
    } catch (error) {
      runIgnoringErrors(undo);
      throw error;
    }
  }
}

/** Throws where memory cannot be limited below; processes are a second fence, and may go without. */
function enable(folder: string): void {
  writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory');
  if (!words(folder, 'cgroup.controllers').includes('pids')) return;
  runIgnoringErrors([() => writeFileSync(join(folder, 'cgroup.subtree_control'), '+pids')]);
}

function words(folder: string, file: string): string[] {
  return text(join(folder, file)).split(' ');
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

function runIgnoringErrors(steps: readonly Step[]): void {
  for (const step of steps) {
    try {
      step();
    } catch {
      // Not ours to change, or gone with the cgroup around it.
    }
  }
}
