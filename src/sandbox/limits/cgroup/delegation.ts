import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { text } from '../../../machine/cgroups.js';

/** Milliseconds between looks, and how many, at a cgroup whose last processes are about to end. */
const RETRY_MS = 50;
const RETRIES = 100;

type Step = () => void;

/**
 * Version 2 limits memory below a cgroup only where no process is in it, but for the root of all: this one moves
 * aside. That is for who has the cgroup to itself; where others are in it, it stays as it is and this throws.
 * `home`: the cgroup of the runs, below it. Returns what undoes it.
 */
export function delegateMemory(home: string): Step[] {
  const folder = dirname(home);
  if (words(folder, 'cgroup.subtree_control').includes('memory')) return [];
  try {
    enable(folder);
    return [];
  } catch {
    const undo = withdrawing(home);
    try {
      mkdirSync(asideOf(home));
      writeFileSync(join(asideOf(home), 'cgroup.procs'), String(process.pid));
      enable(folder);
      return undo;
    } catch (error) {
      runIgnoringErrors(undo);
      throw error;
    }
  }
}

/** Throws where memory cannot be limited below; processes are a second fence, and may go without. */
export function enable(folder: string): void {
  writeFileSync(join(folder, 'cgroup.subtree_control'), '+memory');
  if (!words(folder, 'cgroup.controllers').includes('pids')) return;
  runIgnoringErrors([() => writeFileSync(join(folder, 'cgroup.subtree_control'), '+pids')]);
}

/**
 * For the launchers of a server that was killed, once its home is gone: the last of them undoes the delegation.
 */
export async function withdraw(home: string): Promise<void> {
  for (let tried = 0; existsSync(asideOf(home)) && tried < RETRIES; tried += 1) {
    runIgnoringErrors(withdrawing(home));
    if (existsSync(asideOf(home))) await setTimeout(RETRY_MS);
  }
}

export function runIgnoringErrors(steps: readonly Step[]): void {
  for (const step of steps) {
    try {
      step();
    } catch {
      // Not ours to change, or gone with the cgroup around it.
    }
  }
}

/** Where the server goes. */
function asideOf(home: string): string {
  return `${home}-server`;
}

function withdrawing(home: string): Step[] {
  const folder = dirname(home);
  return [
    () => writeFileSync(join(folder, 'cgroup.subtree_control'), '-memory'),
    () => writeFileSync(join(folder, 'cgroup.subtree_control'), '-pids'),
    () => writeFileSync(join(folder, 'cgroup.procs'), String(process.pid)),
    () => rmdirSync(asideOf(home)),
  ];
}

function words(folder: string, file: string): string[] {
  return text(join(folder, file)).split(' ');
}
