import { messageOf, SandboxctlError } from '../errors.js';
import { listIfThere } from '../files/atomic.js';
import { isFleetName } from '../fleet/names.js';

/** Ignores foreign files such as NFS's .nfs0001. Throws kind `config` if the state folder cannot be read. */
export function listFleets(stateFolder: string): Promise<string[]> {
  return reading(stateFolder, async () =>
    (await listIfThere(`${stateFolder}/fleets`)).filter(isFleetName).sort(),
  );
}

/** Throws kind `config` if it fails. */
export async function reading<T>(stateFolder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unusable(stateFolder, 'read', error);
  }
}

export function unusable(stateFolder: string, done: 'read' | 'written', cause: unknown): SandboxctlError {
  return new SandboxctlError('config', {
    what: `the state folder ${stateFolder} cannot be ${done}`,
    detail: messageOf(cause),
    hint: 'set SANDBOXCTL_STATE_DIR to a folder that you can write and that the nodes see',
    cause,
  });
}
