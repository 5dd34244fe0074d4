import type { Root } from '../methods/method.js';
import { cpuOf, memoryOf, treeOf } from './process-tree.js';

/** Milliseconds between two looks at the memory: soon at first, since a small set is over within some tenths. */
const FIRST_SAMPLE_MS = 5;
const SAMPLE_MS = 200;

export interface Usage {
  /** CPU seconds of the method's processes and of this client; null if they are not on this machine. */
  cpu: number | null;
  /** Most bytes that its processes held together, at any of the samples; null if none saw a process. */
  peak: number | null;
}

/** Measures until the returned function is called. `servers`: processes of other methods, which do not count. */
export function startMeter(root: Root | null, servers: ReadonlySet<number>): () => Usage {
  if (root === null) return () => ({ cpu: null, peak: null });
  const own = () => (root === 'children' ? [] : treeOf(root.pid));
  const cpu = () => [process.pid, ...own()].reduce((sum, pid) => sum + cpuOf(pid), 0);
  const memory = () => {
    const all = root === 'children' ? treeOf(process.pid, servers).slice(1) : own();
    return all.reduce((sum, pid) => sum + memoryOf(pid), 0);
  };
  const before = cpu();
  let peak = 0;
  let timer: NodeJS.Timeout;
  const sample = (nextMs: number) => {
    peak = Math.max(peak, memory());
    timer = setTimeout(() => sample(Math.min(2 * nextMs, SAMPLE_MS)), nextMs);
  };
  sample(FIRST_SAMPLE_MS);
  return () => {
    clearTimeout(timer);
    peak = Math.max(peak, memory());
    return { cpu: cpu() - before, peak: peak === 0 ? null : peak };
  };
}
