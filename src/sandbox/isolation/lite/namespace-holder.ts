import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { firstWords } from '../../../errors.js';
import { LIMITS } from '../../limits/limits.js';
import { childrenOf } from '../../process/tree.js';
import { unnamedFile } from '../../process/unnamed-file.js';
import { NotBegun } from '../../types.js';
import type { LitePlan } from '../plan.js';
import { DRIVER_SHELL, quoted, WAITER } from './driver.js';
import { loader } from './loader.js';
import { rootScript } from './root-script.js';
import { seccompFilter } from './seccomp.js';
import { waiter } from './waiter.js';

/** In the root of the sandboxes: the program that installs the seccomp filter. */
export const LOADER = '/dev/.driver/loader';
/** There as well: the fstab of each run's own mounts. */
export const MOUNTS = '/dev/.driver/mounts';
/** Descriptor from which the holder's script reads the loader. */
const LOADER_FD = 3;
const WAITER_FD = 4;

/**
 * The process whose namespaces the runs enter. It lives as long as its stdin is open, and takes every run
 * with it: it is the first process of the namespace that holds theirs.
 */
export class NamespaceHolder {
  private readonly plan: LitePlan;
  private child: ChildProcess | undefined;
  private started: Promise<number> | undefined;

  constructor(plan: LitePlan) {
    this.plan = plan;
  }

  /** The process id, of a new holder if the last one is gone. Rejects with NotBegun. */
  pid(): Promise<number> {
    this.started ??= this.start().catch((error) => {
      this.started = undefined;
      throw error;
    });
    return this.started;
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.on('exit', resolve));
    child.stdin?.end();
    await gone;
  }

  private start(): Promise<number> {
    const { env, user, cgroup } = this.plan;
    const args = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'];
    const filter = seccompFilter(process.arch, cgroup !== undefined);
    const program = unnamedFile((filter && loader(process.arch, filter)) ?? '');
    const wait = unnamedFile(waiter(process.arch) ?? '');
    const child = spawn('unshare', [...args, '--', '/bin/sh', '-c', holderScript(this.plan)], {
      env,
      ...(user && { uid: user.uid, gid: user.gid }),
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', program, wait],
    });
    for (const fd of [program, wait]) closeSync(fd);
    this.child = child;
    child.on('exit', () => {
      this.started = undefined;
    });
    return ready(child);
  }
}

function ready(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let words = '';
    child.on('error', (error) => reject(new NotBegun(error.message)));
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      words += text;
    });
    child.on('close', () => reject(new NotBegun(firstWords(words) || 'the holder ended')));
    child.stdout?.once('data', () => {
      const [pid] = childrenOf(child.pid ?? 0);
      if (pid === undefined) reject(new NotBegun('the holder is gone'));
      else resolve(pid);
    });
  });
}

/** As an fstab, so that one `mount` makes them all: each run has its own /tmp, /dev/shm and terminals. */
function mountsOfRun({ tmpSize, memory }: LitePlan): string {
  const inMemory = `nr_inodes=${LIMITS.files},nosuid,nodev`;
  return [
    `sandbox /tmp tmpfs mode=1777,size=${tmpSize},${inMemory}`,
    // Its content counts as memory: a run with a smaller limit is ended at that limit.
    `sandbox /dev/shm tmpfs mode=1777,size=${memory},${inMemory}`,
    'sandbox /dev/pts devpts newinstance,ptmxmode=0666,mode=620,nosuid,noexec',
    '',
  ].join('\n');
}

/** Makes the root of the sandboxes, all of it read-only, and waits for the end of its stdin. */
function holderScript(plan: LitePlan): string {
  const driver = [
    `cp /bin/sh .${DRIVER_SHELL}`,
    `cat <&${LOADER_FD} >.${LOADER}`,
    `cat <&${WAITER_FD} >.${WAITER}`,
    `exec ${LOADER_FD}<&- ${WAITER_FD}<&-`,
    `chmod 0111 .${DRIVER_SHELL} .${LOADER} .${WAITER}`,
    `printf %s ${quoted([mountsOfRun(plan)])} >.${MOUNTS}`,
  ];
  return [...rootScript(plan, driver), 'echo ready', 'read -r _ || :'].join('\n');
}
