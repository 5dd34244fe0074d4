import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { ownCgroup, text } from '../../../src/machine/cgroups.js';
import { childrenOf } from '../../../src/sandbox/process/tree.js';
import { until } from '../../support/until.js';

/** Milliseconds of CPU time, by who used them. */
export interface Cpu {
  /** The server's main process; for a plain spawn, the process that spawns. */
  main: number;
  launchers: number;
  /** Programs, and what starts and confines them. */
  rest: number;
}

/** USER_HZ of every Linux is 100. */
const TICK_MS = 10;

/** A cgroup that counts the CPU time of whatever is started in it: processes that nobody waits for take theirs along. */
export class CpuGroup {
  private readonly folder: string;
  private readonly version: 1 | 2;

  constructor(name: string) {
    const own = ownCgroup('cpuacct');
    if (own === undefined) throw new Error('no cgroup counts CPU time here');
    this.version = own.version;
    this.folder = join(own.folder, `sandboxctl-bench-${process.pid}-${name}`);
    mkdirSync(this.folder);
  }

  /** Words before a command that is to be counted. */
  get words(): string[] {
    return ['/bin/sh', '-c', `echo $$ >${join(this.folder, 'cgroup.procs')} && exec "$@"`, 'sh'];
  }

  ms(): number {
    if (this.version === 1) return Number(text(join(this.folder, 'cpuacct.usage'))) / 1e6;
    return Number(/^usage_usec (\d+)/m.exec(text(join(this.folder, 'cpu.stat')))?.[1]) / 1e3;
  }

  /** What a server has started may end a little after it. */
  close(): Promise<boolean> {
    return until(`the end of all processes in ${this.folder}`, () => {
      try {
        rmdirSync(this.folder);
        return true;
      } catch {
        return false;
      }
    });
  }
}

export function serverCpu(pid: number, group: CpuGroup): Cpu {
  const main = ownMs(pid);
  const launchers = childrenOf(pid).reduce((sum, each) => sum + ownMs(each), 0);
  return { main, launchers, rest: group.ms() - main - launchers };
}

/** Of this process and of the children that it has waited for. */
export function spawnerCpu(): Cpu {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  // cutime and cstime are fields 16 and 17; two stood before what was cut off.
  const rest = (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  return { main: (user + system) / 1000, launchers: 0, rest };
}

/** The first number of `schedstat` of each thread, in nanoseconds. */
function ownMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ns = threads.map((each) => Number(text(`/proc/${pid}/task/${each}/schedstat`).split(' ')[0]));
  return ns.reduce((sum, each) => sum + each, 0) / 1e6;
}
