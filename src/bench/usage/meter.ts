import type { Root } from '../methods/method.js';
import { cpuOf, memoryOf, treeOf } from './process-tree.js';

/** Milliseconds between two looks at the memory: often enough for programs of some tenths of a second. */
const SAMPLE_MS = 200;

export interface Usage {
  /** CPU seconds of the method's processes and of this client; null if they are not on this machine. */
  cpu: number | null;
  /** Most bytes that its processes held together, at any of the samples. */
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
  const sample = () => {
    peak = Math.max(peak, memory());
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    sample();
    return { cpu: cpu() - before, peak };
  };
}
