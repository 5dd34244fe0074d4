import { driverLimits } from '../../limits/limits.js';
import type { Program } from '../../types.js';
import type { LitePlan } from '../plan.js';
import { DRIVER_SHELL, driverScript, FD, quoted } from './driver.js';
import { HOST_NAME } from './hosts.js';
import { LOADER, MOUNTS, NamespaceHolder } from './namespace-holder.js';
import { waiter } from './waiter.js';

/**
 * Sandboxes without bubblewrap, by util-linux alone. A holder process creates the root of all runs once; each run
 * enters its namespaces and then creates its own.
 */
export function unshareLauncher(plan: LitePlan): UnshareBox {
  const holder = new NamespaceHolder(plan);
  const waits = waiter(process.arch) !== undefined;
  const words = async (program: Program) => {
    const target = String(await holder.pid());
    const driver = driverScript(program, driverLimits(program.limits, plan), waits);
    return [
      ...['nsenter', '--target', target, '--user', '--mount', '--pid', '--preserve-credentials', '--'],
      ...['unshare', '--user', '--map-root-user', '--mount-proc', '--pid', '--ipc', '--uts'],
      ...(plan.network ? [] : ['--net']),
      ...['--fork', '--kill-child', '--', '/bin/sh', '-c', setUp(plan, program, driver)],
    ];
  };
  return { words, close: () => holder.close() };
}

interface UnshareBox {
  /** The command of one run. Rejects with SandboxFailure if the holder cannot be created. */
  words(program: Program): Promise<string[]>;
  close(): Promise<void>;
}

/** Of a user's 128 (fs.inotify.max_user_instances); a program seldom has more than two. */
const INOTIFY_INSTANCES = 16;

/** The commands of the first process before it drops its capabilities and becomes the driver. */
function setUp(plan: LitePlan, { folder, file }: Program, driver: string): string {
  // Without the loader it takes a second exec to have no capabilities when the driver's shell is opened: with
  // them, it would be readable.
  const become = plan.filtered
    ? `exec ${LOADER} ${DRIVER_SHELL} -c ${quoted([driver])}`
    : `exec setsid setpriv --no-new-privs --inh-caps=-all --bounding-set=-all -- /bin/sh -c ${quoted([`exec ${DRIVER_SHELL} -c ${quoted([driver])}`])}`;
  return [
    // bubblewrap's filter has no use here, its descriptor is free: what starts the sandbox must not write to the program's stderr.
    `exec 2>&${FD.seccomp} ${FD.seccomp}>&-`,
    'set -e',
    // Exit code 64: some mounts failed. Terminals may be missing; without /tmp the next line fails.
    `mount -a -T ${MOUNTS} || [ $? = 64 ]`,
    `mkdir -m 700 ${quoted([folder])}`,
    `cd ${quoted([folder])}`,
    'unset OLDPWD',
    `cat >${quoted([file])} <&${FD.code}`,
    ...(plan.network ? [] : ['ip link set lo up 2>/dev/null || :']),
    `hostname ${HOST_NAME} 2>/dev/null || :`,
    'echo 0 >/proc/sys/user/max_user_namespaces',
    // Otherwise one program could use up the limit of this server's user.
    `echo ${INOTIFY_INSTANCES} >/proc/sys/user/max_inotify_instances || :`,
    become,
  ].join('\n');
}
