import { SandboxctlError } from '../../errors.js';
import { acquireLock, describeOwner, type Lock, type Owner } from '../../files/lock.js';
import type { KeeperStore } from '../../state/keeper.js';
import type { Context } from '../context.js';
import { KEEPER_PURPOSE } from '../fleet-lock.js';

type OnHeld = (owner: Owner) => boolean;

/** Takes the keeper's lock; undefined if another keeper has it, or when interrupted. */
export function keeperLock(
  { signal }: Pick<Context, 'signal'>,
  keeper: KeeperStore,
  onHeld: OnHeld = () => false,
): Promise<Lock | undefined> {
  return acquireLock(keeper.files.lock, { purpose: KEEPER_PURPOSE, signal, onHeld });
}

/** Only one keeper is active at a time. Throws kind `locked` if another one is. */
export async function takeKeeperLock(context: Context, keeper: KeeperStore, fleet: string): Promise<Lock> {
  let holder: Owner | undefined;
  const lock = await keeperLock(context, keeper, (owner) => {
    holder = owner;
    return false;
  });
  if (lock !== undefined) return lock;
  context.signal.throwIfAborted();
  throw new SandboxctlError('locked', {
    what: `fleet ${fleet} has a keeper already`,
    detail: holder === undefined ? 'its lock is held' : describeOwner(holder),
    hint: "'sandboxctl status' shows it; 'sandboxctl stop' ends the fleet and its keeper",
  });
}

export async function rejectSecond(context: Context, keeper: KeeperStore, fleet: string): Promise<void> {
  await (await takeKeeperLock(context, keeper, fleet)).release();
}
