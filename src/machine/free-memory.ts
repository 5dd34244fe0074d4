import { dirname, join } from 'node:path';
import { type Cgroup, ownCgroup, text } from './cgroups.js';

export interface Memory {
  total: number;
  free: number;
}

/** What reads the machine's memory, and that of each limited cgroup that this process is in now. */
export function memoryReader(): () => Memory[] {
  const own = ownCgroup('memory');
  return () => [machineMemory(text('/proc/meminfo')), ...(own === undefined ? [] : cgroupMemories(own))];
}

function machineMemory(meminfo: string): Memory {
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1]) * 1024;
  return { total: bytes('MemTotal'), free: bytes('MemAvailable') };
}

function cgroupMemories(own: Cgroup): Memory[] {
  const [limit, usage, reclaimable] =
    own.version === 2
      ? (['memory.max', 'memory.current', 'inactive_file'] as const)
      : (['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'] as const);
  const found: Memory[] = [];
  for (let folder = own.folder; ; folder = dirname(folder)) {
    const total = Number(text(join(folder, limit)) || Number.NaN);
    // Version 1 writes "no limit" as a number that no machine has.
    if (total < 2 ** 60) {
      const stat = text(join(folder, 'memory.stat'));
      const cache = Number(new RegExp(`^${reclaimable} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
      found.push({ total, free: total - Number(text(join(folder, usage))) + cache });
    }
    if (folder.length <= own.top.length) return found;
  }
}
