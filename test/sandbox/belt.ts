import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Belt {
  /** Words before a command: it and all that it starts stay in the belt. */
  words: string[];
  /** The names of the processes in it, sorted. */
  members(): string[];
  /** cgroups below its own. */
  groups(): string[];
  close(): void;
}

/** Bytes, and processes: what a wall may take of the machine when everything that it tests is broken. */
const MEMORY = 2 * 2 ** 30;
const PROCESSES = 2500;

let made = 0;

/**
 * A second belt around the server, of cgroups that root makes: a bomb that is not contained ends there, and
 * what is in it is all that the server and its programs ever started.
 */
export function belt(): Belt {
  const name = `sandboxctl-wall-${process.pid}-${++made}`;
  const v2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const folders = v2
    ? [join('/sys/fs/cgroup', name)]
    : ['memory', 'pids'].map((controller) => join('/sys/fs/cgroup', controller, name));
  const limits: Record<string, number> = v2
    ? { 'memory.max': MEMORY, 'pids.max': PROCESSES }
    : { 'memory.limit_in_bytes': MEMORY, 'pids.max': PROCESSES };
  for (const folder of folders) {
    mkdirSync(folder);
    for (const [file, value] of Object.entries(limits)) {
      if (existsSync(join(folder, file))) writeFileSync(join(folder, file), String(value));
    }
  }
  const enter = folders.map((folder) => `echo $$ >${folder}/cgroup.procs`).join('; ');
  return {
    words: ['sh', '-c', `${enter}; exec "$@"`, 'sh'],
    members: () =>
      readFileSync(join(folders[0] ?? '', 'cgroup.procs'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .sort(),
    groups: () =>
      folders.flatMap((folder) =>
        readdirSync(folder, { withFileTypes: true })
          .filter((each) => each.isDirectory())
          .map(({ name }) => join(folder, name)),
      ),
    close: () => {
      for (const folder of folders) rmdirSync(folder);
    },
  };
}
