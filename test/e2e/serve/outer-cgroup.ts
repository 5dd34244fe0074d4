import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MADE } from '../../support/paths.js';

export interface OuterCgroup {
  /** Words before a command: it and all that it starts stay in this cgroup. */
  words: string[];
  /** The names of the processes in it, sorted. */
  members(): string[];
  /** The folders of all cgroups below its own. */
  groups(): string[];
  usage(): Usage;
  close(): void;
}

export interface Usage {
  /** Of all that was ever in it. */
  cpuSeconds: number;
  /** What the kernel holds for it: namespaces, mounts, files, sockets, page tables. */
  kernelMegabytes: number;
}

/** Bytes, and processes: what a wall may take of the machine when everything that it tests is broken. */
const MEMORY = 2 * 2 ** 30;
const PROCESSES = 2500;

let made = 0;

/**
 * A cgroup around the server, made by root, as a second limit: a bomb that is not contained ends there, and
 * what is in it is all that the server and its programs ever started. `memory`: bytes.
 */
export function outerCgroup(memory = MEMORY): OuterCgroup {
  const name = `${MADE}${process.env.SANDBOXCTL_TEST_RUN}.wall-${process.pid}-${++made}`;
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const folders = v2
    ? [join('/sys/fs/cgroup', name)]
    : ['memory', 'pids', 'cpuacct'].map((controller) => join('/sys/fs/cgroup', controller, name));
  const limits: Record<string, number> = v2
    ? { 'memory.max': memory, 'pids.max': PROCESSES }
    : { 'memory.limit_in_bytes': memory, 'pids.max': PROCESSES };
  for (const folder of folders) {
    mkdirSync(folder);
    for (const [file, value] of Object.entries(limits)) {
      if (existsSync(join(folder, file))) writeFileSync(join(folder, file), String(value));
    }
  }
  const enter = folders.map((folder) => `echo $$ >${folder}/cgroup.procs`).join('; ');
  return {
    words: ['sh', '-c', `${enter}; exec "$@"`, 'sh'],
    members: () => {
      const [folder = ''] = folders;
      return [folder, ...below(folder)].flatMap(processesOf).sort();
    },
    groups: () => folders.flatMap(below),
    usage: () => usageOf(folders),
    close: () => {
      for (const folder of folders) rmdirSync(folder);
    },
  };
}

function usageOf(folders: readonly string[]): Usage {
  const [memory = '', , cpu = memory] = folders;
  const number = (file: string, pattern: RegExp) => Number(pattern.exec(readFileSync(file, 'utf8'))?.[1]);
  const v2 = folders.length === 1;
  return {
    cpuSeconds: v2
      ? number(join(cpu, 'cpu.stat'), /^usage_usec (\d+)/m) / 1e6
      : number(join(cpu, 'cpuacct.usage'), /(\d+)/) / 1e9,
    kernelMegabytes:
      (v2
        ? number(join(memory, 'memory.stat'), /^kernel (\d+)/m)
        : number(join(memory, 'memory.kmem.usage_in_bytes'), /(\d+)/)) /
      2 ** 20,
  };
}

/** All folders in a folder, however deep. Those that go meanwhile are left out. */
function below(folder: string): string[] {
  const names = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  const folders = names.filter((each) => each.isDirectory()).map(({ name }) => join(folder, name));
  return folders.flatMap((each) => [each, ...below(each)]);
}

function processesOf(cgroup: string): string[] {
  const text = unlessGone(() => readFileSync(join(cgroup, 'cgroup.procs'), 'utf8')) ?? '';
  return text.split('\n').filter(Boolean);
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
