import { codeOf, SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import { acquireLock, describeOwner, type Lock, type Owner } from '../files/lock.js';
import type { FleetStore } from '../state/store.js';
import type { Context } from './context.js';

/** Stands for a lock that could not be written: jobs may be cancelled, and nothing is recorded. */
const UNRECORDED: Lock = { held: () => false, confirm: async () => true, release: async () => undefined };

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
  const onHeld = (owner: Owner) => {
    holder = owner;
    return false;
  };
  const lock = await acquireLock(store.folders.lock, { purpose, signal: context.signal, onHeld }).catch(
    (error: unknown) => {
      // ENOENT: the fleet's folder could not be created either, so nobody holds its lock.
      if (onUnwritten === undefined || !(isUnwritable(error) || codeOf(error) === 'ENOENT')) throw error;
      onUnwritten(error);
      return UNRECORDED;
    },
  );
  if (lock !== undefined) return lock;
  throw new SandboxctlError('locked', {
    what: `another command is changing fleet ${store.fleet}`,
    detail: holder === undefined ? 'the lock is held' : describeOwner(holder),
    hint: "wait until it has finished; 'sandboxctl status' shows the fleet meanwhile",
  });
}
