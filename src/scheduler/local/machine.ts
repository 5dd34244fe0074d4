import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { readIfThere } from '../../files/atomic.js';
import type { ProcessState } from './judge.js';
import type { JobRecord } from './records.js';

export async function probeProcesses(record: JobRecord): Promise<ProcessState> {
  if (record.host !== hostname()) return 'elsewhere';
  if (record.boot_id !== (await bootId())) return 'restarted';
  const [supervisor, leader] = await Promise.all([
    lives(record.supervisor_pid, record.supervisor_start),
    lives(record.leader_pid, record.leader_start),
  ]);
  return { supervisor, leader };
}

let boot: Promise<string> | undefined;

function bootId(): Promise<string> {
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim());
  return boot;
}

/** Compares the start time too: pids are reused. */
async function lives(pid: number, start: number): Promise<boolean> {
  const stat = await readIfThere(`/proc/${pid}/stat`).catch(() => undefined);
  // The program's name is in parentheses and may contain any character; the state follows it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields !== undefined && Number(fields[19]) === start && !/^[ZX]/.test(fields[0] ?? '');
}
