import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { OuterCgroup } from './outer-cgroup.js';

/** What could be left of runs, each named; of whoever is in the cgroup. */
export interface Traces {
  processes: string[];
  cgroups: string[];
  namespaces: string[];
  /**
   * Of each process: lines of its mount table, and descriptors that are no connections of clients, nor networks that
   * are used again: there are as many of those as there were programs at once.
   */
  mounts: string[];
  descriptors: string[];
  /** Of a sandbox, in this process's mount table. */
  hostMounts: string[];
  /** In the folders that everybody may write to, of these users or of root's sandboxes. */
  files: string[];
}

const OPEN_FOLDERS = ['/tmp', '/var/tmp', '/dev/shm'];
/** The first user of root's sandboxes. */
const FIRST_SANDBOX_USER = 2_000_000_000;
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

export function traces(cgroup: OuterCgroup, user: number): Traces {
  const processes = cgroup.members();
  const links = (pid: string) => NAMESPACES.map((name) => readlinkSync(`/proc/${pid}/ns/${name}`));
  return {
    processes,
    cgroups: cgroup.groups(),
    namespaces: [...new Set(processes.flatMap(links))].sort(),
    mounts: processes.map((pid) => `${pid}: ${mountsOf(pid).length}`),
    descriptors: processes.map((pid) => `${pid}: ${descriptorsOf(pid).join(' ')}`),
    hostMounts: mountsOf('self').filter((line) => / sandbox | \/(old|new)root/.test(line)),
    files: OPEN_FOLDERS.flatMap((folder) => filesOf(folder, user)),
  };
}

function mountsOf(pid: string): string[] {
  return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
}

function descriptorsOf(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  return (
    readdirSync(folder)
      // A file without a name is told by its number alone, and a launcher may make its own anew.
      .map((fd) => readlinkSync(join(folder, fd)).replace(/:.*|(?<=#)\d+/, ''))
      .filter((what) => what !== 'socket' && what !== 'net')
      .sort()
  );
}

function filesOf(folder: string, user: number): string[] {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  return paths.filter((path) => {
    const uid = lstatSync(path, { throwIfNoEntry: false })?.uid ?? 0;
    return uid === user || uid >= FIRST_SANDBOX_USER;
  });
}
