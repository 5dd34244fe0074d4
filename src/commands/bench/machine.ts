import { cpus, loadavg, release } from 'node:os';
import type { MachineFacts } from '../../bench/report/report.js';
import { usableMemory } from '../../machine/capacity.js';
import type { FoundTools } from './tools.js';

export function machineFacts(cores: number, { versions }: FoundTools): MachineFacts {
  return {
    cpus: cores,
    cpu_model: cpus()[0]?.model.trim() ?? '',
    memory_bytes: usableMemory(process.env),
    kernel: release(),
    node: process.version,
    load_per_cpu: (loadavg()[0] ?? 0) / Math.max(1, cpus().length),
    tools: versions,
  };
}
