import type { DriverLimits, Ulimits } from '../isolation/lite/driver.js';
import type { LitePlan } from '../isolation/plan.js';
import type { Limits } from '../types.js';

/** What a run may have, beside its time and memory. JVMs run some fifty threads, .NET and OpenBLAS a thread per CPU. */
export const LIMITS = {
  processes: 512,
  openFiles: 1024,
  /** Files in a private /tmp; each costs the kernel about a kilobyte. */
  files: 100_000,
} as const;

/** Bytes of all files that a run may hand back. Base64 makes them a third longer, and V8's strings end at 512 MB. */
export const FETCH_CAP = 256 * 2 ** 20;

/** Bytes that a process may map beyond its memory limit: what its runtime maps before the program begins. */
const DATA_SLACK = 128 * 2 ** 20;
/** The recorded server lets the stack grow to the memory limit; more than this would cost every thread as much. */
const STACK = 64 * 2 ** 20;
/** A program's CPU seconds over all threads; wall time ends it long before, unless this server is gone. */
const CPU_FACTOR = 64;

/** The limits of one run, in the units of a shell's `ulimit`: blocks of 512 bytes, kilobytes, seconds. */
export function driverLimits(limits: Limits, plan: LitePlan): DriverLimits {
  const all: Ulimits = {
    c: 0,
    n: LIMITS.openFiles,
    f: Math.ceil(plan.tmpSize / 512),
    ...(plan.processLetter === null ? {} : { [plan.processLetter]: LIMITS.processes }),
  };
  return {
    all,
    compile: { ...cpu(limits.compileTimeout), ...memory(limits.data) },
    run: { ...cpu(limits.runTimeout), ...memory(limits.data) },
  };
}

function cpu(seconds: number): Ulimits {
  const most = Math.ceil(seconds) * CPU_FACTOR;
  return Number.isSafeInteger(most) ? { t: Math.max(1, most) } : {};
}

function memory(data: number | null): Ulimits {
  if (data === null) return {};
  return {
    d: Math.ceil((data + DATA_SLACK) / 1024),
    s: Math.ceil(Math.max(8 * 2 ** 20, Math.min(data, STACK)) / 1024),
  };
}
