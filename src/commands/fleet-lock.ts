import type { FleetStore } from '../control/store.js';
import { SandboxctlError } from '../errors.js';
import { acquireLock, describeOwner, type Lock, type Owner } from '../files/lock.js';
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
