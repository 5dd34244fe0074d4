import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEM_PATH } from '../support/paths.js';
import { type ExecuteOptions, execute, start } from './execute.js';
import { holdNamespaces } from './hold.js';
import type { ClusterRecord } from './record.js';
import type { RunOptions, User } from './types.js';

/** Where install-cli puts the command, below the cluster's folder. */
export const INSTALLED = 'opt/bin';

/** Carried by everything that is run from here, so that `down` finds what outlived its parent. */
export const OWNER = 'TEST_CLUSTER';

const LOGIN_INIT = `
  folder=$1
  shift
  read -r pid _ </proc/self/stat
  hostname login
  mount --all --fstab "$folder/login-fstab"
  [ $# -eq 0 ] || "$@"
  echo "$pid" >"$folder/login.new"
  mv "$folder/login.new" "$folder/login.pid"
  exec sleep infinity`;

/** The login side shares the machine's network and processes, but has the cluster's /etc and the name `login`. */
export async function startLogin({ folder, sharedView }: ClusterRecord): Promise<void> {
  await holdNamespaces(
    ['unshare', '--mount', '--uts', 'sh', '-euc', LOGIN_INIT],
    ['sh', folder, ...sharedView],
    join(folder, 'login.pid'),
    { log: join(folder, 'login.log') },
  );
}

const slurmConfFile = (record: ClusterRecord): string => join(record.folder, 'etc/slurm/slurm.conf');

export function loginEnv(record: ClusterRecord): Record<string, string> {
  // Ours first: sandboxctl, where it is installed, and the tests' Node for its `#!/usr/bin/env node`.
  const path = [join(record.folder, INSTALLED), ...record.loginPath, SYSTEM_PATH];
  return { SLURM_CONF: slurmConfFile(record), PATH: path.join(':') };
}

export const nodeEnv = (record: ClusterRecord): Record<string, string> => ({
  PATH: [...record.nodePath, SYSTEM_PATH].join(':'),
  SLURM_CONF: slurmConfFile(record),
  LANG: 'C.UTF-8',
  ...record.nodeEnv,
});

function userEnv(record: ClusterRecord, user: User | 'root'): Record<string, string> {
  const { name, home } = user === 'root' ? { name: 'root', home: '/root' } : user;
  return {
    ...loginEnv(record),
    HOME: home,
    USER: name,
    LOGNAME: name,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    [OWNER]: record.name,
  };
}

/** Every link of the chain execs the next, so the child's pid is the program's own. */
export function enterLogin(
  record: ClusterRecord,
  argv: readonly string[],
  options: RunOptions = {},
): { argv: string[]; options: ExecuteOptions } {
  const pid = Number(readFileSync(join(record.folder, 'login.pid'), 'utf8'));
  return enter(record, ['/usr/bin/nsenter', `--target=${pid}`, '--mount', '--uts'], argv, options);
}

export function enter(
  record: ClusterRecord,
  nsenter: string[],
  argv: readonly string[],
  options: RunOptions,
): { argv: string[]; options: ExecuteOptions } {
  const user = options.user ?? record.users[0];
  const become =
    user === 'root'
      ? []
      : ['/usr/bin/setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'];
  const cwd = options.cwd ?? (user === 'root' ? '/' : user.home);
  return {
    argv: [...nsenter, ...become, '/usr/bin/env', `--chdir=${cwd}`, ...argv],
    options: { ...options, cwd: '/', env: { ...userEnv(record, user), ...options.env } },
  };
}

export function runOnLogin(record: ClusterRecord, argv: readonly string[], options?: RunOptions) {
  const entered = enterLogin(record, argv, options);
  return execute(entered.argv, entered.options);
}

export function spawnOnLogin(record: ClusterRecord, argv: readonly string[], options?: RunOptions) {
  const entered = enterLogin(record, argv, options);
  return start(entered.argv, entered.options);
}
