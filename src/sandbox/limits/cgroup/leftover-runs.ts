import { readdirSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRunning } from '../../../machine/pid.js';

/** The folder of the cgroup of a run, or of a zygote: of which launcher, and which of them. */
const NAME = /^(?:run|zygote)-(\d+)-\d+$/;

export function nameOf(what: 'run' | 'zygote', index: number): string {
  return `${what}-${process.pid}-${index}`;
}

/** The folder above: of which server, and whether it holds that itself. */
const HOME_NAME = /^sandboxctl-(\d+)(?:-server)?$/;

/** Whether a folder is of a server that was killed. */
export function isLeftBehind(folder: string): boolean {
  const [, server] = HOME_NAME.exec(basename(folder)) ?? [];
  return server !== undefined && !isRunning(Number(server));
}

/** Removes cgroups of runs whose launcher was killed. Those with processes stay, and so do all that may not be removed. */
export function removeLeftoverRuns(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, launcher] = NAME.exec(name) ?? [];
    if (launcher === undefined || isRunning(Number(launcher))) continue;
    removeIfEmpty(join(folder, name));
  }
}

/** With those below it. */
function removeIfEmpty(folder: string): void {
  try {
    for (const each of readdirSync(folder, { withFileTypes: true }))
      if (each.isDirectory()) removeIfEmpty(join(folder, each.name));
    rmdirSync(folder);
  } catch {
    // Its processes are about to end, or it is gone meanwhile.
  }
}
