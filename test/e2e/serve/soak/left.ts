import { read } from '../../../../src/sandbox/process/tree.js';
import type { OuterCgroup } from '../outer-cgroup.js';
import { traces } from '../traces.js';
import { executableOf } from './memory.js';

/** How much is there. By the end zygotes, and sandboxes that wait for a program, are others: as many, with as much in them. */
export interface Counts {
  processes: number;
  namespaces: number;
  cgroups: number;
  /** Of each process. */
  mounts: number[];
  descriptors: number[];
  hostMounts: number;
  files: number;
  /** Signals that wait in any process of a zygote's programs, all together. */
  signals: number;
}

export function countsOf(cgroup: OuterCgroup, user: number): Counts {
  const { processes, namespaces, cgroups, mounts, descriptors, hostMounts, files } = traces(cgroup, user);
  return {
    processes: processes.length,
    namespaces: namespaces.length,
    cgroups: cgroups.length,
    mounts: sorted(mounts.map((line) => Number(line.split(' ')[1]))),
    descriptors: sorted(descriptors.map((line) => line.split(' ').length - 1)),
    hostMounts: hostMounts.length,
    files: files.length,
    signals: Math.max(...processes.map(waitingSignals)),
  };
}

/** Of its user in its user namespace, and in those below. Outside of them others use root's as well. */
function waitingSignals(pid: string): number {
  if (!executableOf(pid).startsWith('python')) return 0;
  return Number(/^SigQ:\t(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}
