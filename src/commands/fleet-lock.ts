import { hostname } from 'node:os';
import { codeOf, SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import { acquireLock, describeOwner, type Lock, type Owner } from '../files/lock.js';
import { isRunning } from '../machine/pid.js';
import { keeperStore } from '../state/keeper.js';
import type { FleetStore } from '../state/store.js';
import type { Context } from './context.js';

/** A keeper holds the lock all the time, and releases it to a command that requests it. */
export const KEEPER_PURPOSE = 'keep';
/**
 * Longest time until a keeper that waits for sbatch releases the lock (src/scheduler/slurm/adapter.ts).
 * Milliseconds.
 */
const KEEPER_YIELDS_MS = 180_000;

/** Stands for a lock that could not be written: jobs may be cancelled, and nothing is recorded. */
const UNRECORDED: Lock = { held: () => false, confirm: async () => true, release: async () => undefined };

/** These commands hold the lock only while they write a file or two, so others wait for it. */
const BRIEF: readonly string[] = ['status', 'endpoints --check'];

/**
 * Throws kind `locked` while another command holds it. `onUnwritten`: go on where a full or read-only disk prevents a
 * lock that nobody holds, since stopping jobs must not need a free disk.
 */
export async function takeFleetLock(
  context: Context,
  store: FleetStore,
  purpose: string,
  onUnwritten?: (error: unknown) => void,
): Promise<Lock> {
  let holder: Owner | undefined;
  const { turn } = keeperStore(context.stateFolder, store.fleet);
  const onHeld = (owner: Owner) => {
    holder = owner;
    if (owner.purpose !== KEEPER_PURPOSE) return BRIEF.includes(owner.purpose);
    // A disk error here also prevents the lock, which is reported below.
    void turn.ask().catch(() => (onUnwritten === undefined ? undefined : endKeeper(owner)));
    return true;
  };
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(KEEPER_YIELDS_MS)]);
  const lock = await acquireLock(store.folders.lock, { purpose, signal, onHeld }).catch((error: unknown) => {
    // ENOENT: the fleet's folder could not be created either, so nobody holds its lock.
    if (onUnwritten === undefined || !(isUnwritable(error) || codeOf(error) === 'ENOENT')) throw error;
    onUnwritten(error);
    return UNRECORDED;
  });
  if (lock !== undefined) return lock;
  throw new SandboxctlError('locked', {
    what: `another command is changing fleet ${store.fleet}`,
    detail: holder === undefined ? 'the lock is held' : describeOwner(holder),
    hint: "wait until it has finished; 'sandboxctl status' shows the fleet meanwhile",
  });
}

/** For `stop` on a full disk, where the request cannot be written: a keeper on this machine also ends on a signal. */
function endKeeper({ host, pid }: Owner): void {
  if (host === hostname() && isRunning(pid)) process.kill(pid, 'SIGTERM');
}
