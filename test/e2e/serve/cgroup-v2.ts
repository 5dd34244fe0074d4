import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OuterCgroup } from './outer-cgroup.js';

// What only cgroups of version 2 can do: test/support/needs.ts leaves out whatever imports this where they are not.

/** The cgroups in which processes of slots are born. */
export function slotsIn(held: OuterCgroup): string[] {
  return held.groups().filter((each) => /\/zygote-\d+-\d+\/slot-\d+$/.test(each));
}

/** Of a cgroup, as a number; `max` is NaN. */
export function valueIn(cgroup: string, file: string): number {
  return Number(readFileSync(join(cgroup, file), 'utf8'));
}

export function membersIn(cgroup: string): number[] {
  return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
}
