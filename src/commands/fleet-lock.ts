import { codeOf, SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import { acquireLock, describeOwner, type Lock, type Owner } from '../files/lock.js';
import type { FleetStore } from '../state/store.js';
import type { Context } from './context.js';

/** The fleet's lock, which alone allows to submit and cancel. Throws kind `locked` where somebody holds it. */
export async function takeFleetLock(context: Context, store: FleetStore, purpose: string): Promise<Lock> {
  let holder: Owner | undefined;
  const lock = await acquireLock(store.folders.lock, {
    purpose,
    signal: context.signal,
    onHeld: (owner) => {
      holder = owner;
      return false;
    },
  });
  if (lock !== undefined) return lock;
  throw new SandboxctlError('locked', {
    what: `fleet ${store.fleet} is being worked on by somebody else`,
    words: holder === undefined ? 'the lock is held' : describeOwner(holder),
    hint: "wait until it is done; 'sandboxctl status' shows the fleet meanwhile",
  });
}

/** Lets cancel, and nothing be written. */
const WITHOUT: Lock = { held: () => false, confirm: async () => true, release: async () => undefined };

/**
 * The same for what frees something, and must not need a free disk for it: where the lock cannot be written
 * and nobody holds it, the work goes on without, and `onUnwritten` is told.
 */
export async function takeLockIfWritable(
  context: Context,
  store: FleetStore,
  purpose: string,
  onUnwritten: (error: unknown) => void,
): Promise<Lock> {
  try {
    return await takeFleetLock(context, store, purpose);
  } catch (error) {
    // ENOENT: the fleet's folder could not be made either, so nobody holds its lock.
    if (!isUnwritable(error) && codeOf(error) !== 'ENOENT') throw error;
    onUnwritten(error);
    return WITHOUT;
  }
}
