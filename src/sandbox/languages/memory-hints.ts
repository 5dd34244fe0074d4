import { totalmem } from 'node:os';

/** Runtimes that size their heap by the memory of the machine. */
export type Runtime = 'java' | 'node' | 'go';

export interface MemoryHints {
  /** Arguments after the tool's own. */
  options: readonly string[];
  compiler: readonly string[];
  env: Readonly<Record<string, string>>;
}

const NONE: MemoryHints = { options: [], compiler: [], env: {} };
const MEBIBYTE = 2 ** 20;
/** Memory of a runtime besides its heap: code, stacks, the garbage collector. */
const BESIDE_HEAP = 192 * MEBIBYTE;
/** V8's own default: 4 GB on a large machine, a quarter of a small one's memory. */
const V8_HEAP = 4 * 2 ** 30;
const OWN_PART = 0.25;

/**
 * A runtime that assumes a larger heap would be killed before it collects garbage. Empty if its default is smaller,
 * or the program sets its own.
 */
export function memoryHints(runtime: Runtime | undefined, memory: number, machine?: number): MemoryHints {
  // To ask for the machine's memory is to read a file of /proc.
  if (runtime === undefined) return NONE;
  const total = machine ?? totalmem();
  const heap = Math.max(memory - BESIDE_HEAP, memory / 2);
  const mebibytes = Math.floor(heap / MEBIBYTE);
  const byItself = total * OWN_PART;
  if (runtime === 'java' && heap < byItself) {
    return { ...NONE, options: [`-Xmx${mebibytes}m`], compiler: [`-J-Xmx${mebibytes}m`] };
  }
  if (runtime === 'node' && heap < Math.min(byItself, V8_HEAP)) {
    return { ...NONE, env: { NODE_OPTIONS: `--max-old-space-size=${mebibytes}` } };
  }
  if (runtime === 'go' && heap < total) return { ...NONE, env: { GOMEMLIMIT: `${mebibytes}MiB` } };
  return NONE;
}
