import { messageOf, SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { EventBody } from '../fleet/events.js';

/** How often a trouble that was reported is checked for its end. Milliseconds. */
const CHECK_MS = 5_000;

/** Reports why a keeper cannot do its work: each trouble once, until it is over or another one follows. */
export function keeperTrouble(deps: { now: () => number; canWrite: () => Promise<boolean> }) {
  let reported: string | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  return {
    /** Undefined if it is reported already. */
    report(error: unknown): EventBody | undefined {
      // The message of a full disk names another temporary file each time.
      const trouble = isUnwritable(error) ? 'unwritable' : messageOf(error);
      if (trouble === reported) return undefined;
      reported = trouble;
      const said = error instanceof SandboxctlError ? { error: error.toJSON() } : {};
      return { type: 'keeper', reason: sentence(error), data: { failed: true, ...said } };
    },
    /** Undefined unless the trouble that was reported is over. */
    async check(): Promise<EventBody | undefined> {
      if (reported === undefined || deps.now() - checkedAt < CHECK_MS) return undefined;
      checkedAt = deps.now();
      if (!(await deps.canWrite())) return undefined;
      reported = undefined;
      return { type: 'keeper', reason: 'the keeper can do its work again' };
    },
  };
}

export type KeeperTrouble = ReturnType<typeof keeperTrouble>;

function sentence(error: unknown): string {
  return isUnwritable(error)
    ? `the state folder cannot be written (${messageOf(error)}): the keeper replaces no server until it can be`
    : `the keeper cannot do its work and tries again: ${messageOf(error)}`;
}

/** Nobody stopped the fleet: `stop` records that, and removes the request to keep it. */
export function lostSpec(fleet: string): SandboxctlError {
  return new SandboxctlError('config', {
    what: `the spec of fleet ${fleet} is lost, and no job has it`,
    hint: `'sandboxctl deploy --fleet ${fleet} --nodes N' records it again; 'sandboxctl stop --fleet ${fleet}' ends the keeper`,
  });
}

export function damagedRequest(fleet: string, path: string): SandboxctlError {
  return new SandboxctlError('config', {
    what: `${path} is damaged, so it is unknown how fleet ${fleet} is to be kept`,
    hint: `'sandboxctl keep --fleet ${fleet}' with its settings writes it again`,
  });
}
