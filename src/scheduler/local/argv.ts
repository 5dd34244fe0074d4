import { fileURLToPath } from 'node:url';
import type { About, LocalJob } from './records.js';

const PROGRAM = fileURLToPath(new URL('../../../templates/local-job.sh', import.meta.url));

export interface Limits {
  /** Seconds; 0 for none. */
  time: number;
  /** Seconds between TERM and KILL. */
  grace: number;
  node: string;
  cpus: number;
  /** Bytes; 0 for no share. */
  memory: number;
}

export function limitsOf({ time_limit, node, cpus, memory }: About, grace: number): Limits {
  return { time: time_limit, grace, node, cpus, memory };
}

const words = (mode: string, folder: string, limits: Limits): string[] => [
  'bash',
  PROGRAM,
  mode,
  folder,
  ...[limits.time, limits.grace, limits.node, limits.cpus, limits.memory].map(String),
];

export function startArgv(folder: string, limits: Limits, logs: Readonly<Record<string, string>>): string[] {
  return [...words('start', folder, limits), ...Object.entries(logs).flat()];
}

export function endArgv({ id, folder, about, record }: LocalJob, grace: number): string[] {
  const leader = [record.leader_pid, record.leader_start].map(String);
  return [
    ...words('end', folder, limitsOf(about, grace)),
    id,
    about.logs[id] ?? '/dev/null',
    ...leader,
    record.key,
    String(record.started_at),
  ];
}
