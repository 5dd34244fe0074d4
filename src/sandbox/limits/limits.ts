import { readFileSync } from 'node:fs';
import type { DriverLimits, Ulimits } from '../isolation/lite/driver.js';
import type { LitePlan } from '../isolation/plan.js';
import type { Limits } from '../types.js';

/** Limits of a run besides time and memory. JVMs have about fifty threads, .NET and OpenBLAS a thread per CPU. */
export const LIMITS = {
  processes: 512,
  openFiles: 1024,
  mostOpenFiles: 4096,
  /** Files in a private /tmp; each costs the kernel about a kilobyte. */
  files: 100_000,
} as const;

export interface Counts {
  processes: number;
  openFiles: number;
  mostOpenFiles: number;
}

/** Kernel memory in bytes that is assumed for a process with its threads, and for an open file with its buffers. */
const PER_PROCESS = 16 * 2 ** 20;
const PER_FILE = 4 * 2 ** 20;
const LEAST_PROCESSES = 128;
const LEAST_FILES = 256;

/** Without a cgroup that counts kernel memory, the number of processes and files limits it. */
export function countsFor(memory: number, inCgroup: boolean): Counts {
  if (inCgroup) return LIMITS;
  const within = (least: number, most: number, each: number) =>
    Math.min(most, Math.max(least, Math.floor(memory / each)));
  return {
    processes: within(LEAST_PROCESSES, LIMITS.processes, PER_PROCESS),
    openFiles: within(LEAST_FILES, LIMITS.openFiles, PER_FILE),
    mostOpenFiles: within(LEAST_FILES, LIMITS.mostOpenFiles, PER_FILE),
  };
}

/**
 * Bytes of all files that a run may return. Base64 makes them a third longer, and V8's strings are limited to 512
 * MB.
 */
export const FETCH_CAP = 256 * 2 ** 20;

/** Bytes. */
const BLOCK = 512;

/**
 * CPU seconds of a program over all threads, as a multiple of its timeout, which ends it long before unless this
 * server is gone.
 */
const CPU_FACTOR = 64;

/**
 * In the units of `ulimit`: blocks of 512 bytes, kilobytes, seconds. Limits are hard only if they protect the
 * machine. Address space is not limited, since programs reserve much more than they use.
 */
export function driverLimits(limits: Limits, plan: LitePlan): DriverLimits {
  const { processes, openFiles, mostOpenFiles } = plan.counts;
  const all: Ulimits = [
    '-c 0',
    `-S -n ${openFiles}`,
    `-H -n ${mostOpenFiles}`,
    `-f ${fileSize(limits, plan.tmpSize) / BLOCK}`,
    ...(plan.processLetter === null ? [] : [`-${plan.processLetter} ${processes}`]),
  ];
  const stack = limits.stack === null ? [] : [stackLimit(limits.stack)];
  return {
    all,
    compile: [...cpu(limits.compileTimeout), ...stack],
    run: [...cpu(limits.runTimeout), ...stack],
  };
}

/** Largest size of a file in bytes: that of the larger file system, /tmp or /dev/shm. */
export function fileSize({ memory }: Limits, tmpSize: number): number {
  return Math.ceil(Math.max(tmpSize, memory) / BLOCK) * BLOCK;
}

function cpu(seconds: number): Ulimits {
  const most = cpuSeconds(seconds);
  return most === null ? [] : [`-S -t ${most}`];
}

/** The soft limit on CPU seconds of a stage that may take so many seconds; null: none. */
export function cpuSeconds(seconds: number): number | null {
  const most = Math.ceil(seconds) * CPU_FACTOR;
  return Number.isSafeInteger(most) ? Math.max(1, most) : null;
}

/** From sys/resource.h; the same on every architecture that has a filter. */
const RLIMIT = { core: 4, processes: 6, openFiles: 7 } as const;

/** The limits of everything in a sandbox, as setrlimit(2) takes them: resource, soft and hard limit. */
export function systemLimits({ counts, processLetter }: LitePlan): [number, number, number][] {
  const { processes, openFiles, mostOpenFiles } = counts;
  return [
    [RLIMIT.core, 0, 0],
    [RLIMIT.openFiles, openFiles, mostOpenFiles],
    ...(processLetter === null ? [] : [[RLIMIT.processes, processes, processes] as [number, number, number]]),
  ];
}

/** The default of a shell, even for a small memory limit. */
const LEAST_STACK = 8 * 2 ** 20;

/** As in SandboxFusion. Each thread's stack is as large, but only in address space. */
export function stackLimit(bytes: number): string {
  return `-S -s ${stackBytes(bytes) / 1024}`;
}

/** The soft limit on the stack for a program whose memory is limited to so many bytes; a whole number of kilobytes. */
export function stackBytes(memory: number): number {
  return Math.floor(Math.min(Math.max(memory, LEAST_STACK), mostStack()) / 1024) * 1024;
}

/** Bytes: the soft limit of this process; -1: none. */
export function ownStack(): number {
  return ownLimits().soft ?? -1;
}

function mostStack(): number {
  return ownLimits().hard ?? Number.POSITIVE_INFINITY;
}

let limitsOfStack: { soft: number | undefined; hard: number | undefined } | undefined;

/** Bytes; undefined: none. This process never changes them. */
function ownLimits(): NonNullable<typeof limitsOfStack> {
  if (limitsOfStack !== undefined) return limitsOfStack;
  const [, soft, hard] =
    /^Max stack size +(\S+) +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  const bytes = (word: string | undefined) => (/^\d+$/.test(word ?? '') ? Number(word) : undefined);
  limitsOfStack = { soft: bytes(soft), hard: bytes(hard) };
  return limitsOfStack;
}
