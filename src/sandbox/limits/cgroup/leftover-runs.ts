import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../../machine/pid.js';

/** The folder of a run's cgroup: of which launcher, and which of its runs. */
const NAME = /^run-(\d+)-\d+$/;

export function runName(index: number): string {
  return `run-${process.pid}-${index}`;
}

/** Removes cgroups of runs whose launcher was killed. Those with processes stay, and so do all that may not be removed. */
export function removeLeftoverRuns(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, launcher] = NAME.exec(name) ?? [];
    if (launcher === undefined || isRunning(Number(launcher))) continue;
    try {
      rmdirSync(join(folder, name));
    } catch {
      // Its processes are about to end, or it is gone meanwhile.
    }
  }
}
