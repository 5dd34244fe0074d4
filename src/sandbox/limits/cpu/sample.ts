import { list, read, treeOf } from '../../process/tree.js';

export interface CpuSample {
  processes: ReadonlyMap<string, ProcessTimes>;
  threads: ReadonlyMap<string, ThreadTimes>;
  /** The highest thread id in the run's PID namespace: how many there were so far; null without a namespace. */
  newest: number | null;
  /** Whether a process is on a CPU or waits for one: its wait is counted only when it gets one. */
  ready: boolean;
}

export interface ProcessTimes {
  used: number;
  /** By children that it has waited for. */
  reaped: number;
}

export interface ThreadTimes {
  used: number;
  /** Ready to run, but waiting for a CPU. */
  waited: number;
}

/** Milliseconds of a clock tick in /proc/PID/stat: USER_HZ is 100 on Linux. */
const TICK_MS = 10;
const NS_PER_MS = 1e6;

export function sandboxCpu(first: number): CpuSample {
  const proc = `/proc/${first}/root/proc`;
  const pids = list(proc).filter((name) => /^\d+$/.test(name));
  const times = timesOf(pids, proc);
  return { ...times, newest: Math.max(0, ...[...times.threads.keys()].map(Number)) };
}

export function treeCpu(pid: number): CpuSample {
  return { ...timesOf(treeOf(pid).map(String), '/proc'), newest: null };
}

function timesOf(pids: readonly string[], proc: string): Omit<CpuSample, 'newest'> {
  const processes = new Map<string, ProcessTimes>();
  const threads = new Map<string, ThreadTimes>();
  let anyReady = false;
  for (const pid of pids) {
    const own = list(`${proc}/${pid}/task`).map((thread) => {
      const times = parseSchedstat(read(`${proc}/${pid}/task/${thread}/schedstat`));
      threads.set(thread, times);
      return times.used;
    });
    const { used, reaped, ready } = parseStat(read(`${proc}/${pid}/stat`));
    const exact = own.reduce((sum, each) => sum + each, 0);
    processes.set(pid, { used: Math.max(used, exact), reaped });
    anyReady ||= ready;
  }
  return { processes, threads, ready: anyReady };
}

/** `/proc/PID/task/TID/schedstat`: time on a CPU and time on a run queue, both in nanoseconds. */
export function parseSchedstat(text: string): ThreadTimes {
  const [used = 0, waited = 0] = text.split(' ').map(Number);
  return { used: used / NS_PER_MS, waited: waited / NS_PER_MS };
}

/** `/proc/PID/stat`: the state is field 3; utime, stime, cutime and cstime are 14 to 17; field 2 may hold anything. */
export function parseStat(text: string): ProcessTimes & { ready: boolean } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
  return {
    used: (user + system) * TICK_MS,
    reaped: (childUser + childSystem) * TICK_MS,
    ready: fields[0] === 'R',
  };
}
