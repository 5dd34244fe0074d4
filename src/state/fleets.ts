import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { listIfThere } from '../files/atomic.js';
import { isFleetName } from '../fleet/names.js';

/** One of these is in the folder of every fleet. */
const FILES = ['spec.json', 'submissions', 'registrations', 'gateways', 'endpoints.json'];

/**
 * Ignores what no fleet has made, such as NFS's .nfs0001 and folders of the user's own. Throws kind `config` if the
 * state folder cannot be read.
 */
export function listFleets(stateFolder: string): Promise<string[]> {
  return reading(stateFolder, async () => {
    const names = (await listIfThere(`${stateFolder}/fleets`)).filter(isFleetName).sort();
    const ours = await Promise.all(names.map((name) => isFleetFolder(`${stateFolder}/fleets/${name}`)));
    return names.filter((_, at) => ours[at]);
  });
}

/** An empty one may be about to be filled; one that cannot be read is reported by whoever reads it. */
async function isFleetFolder(folder: string): Promise<boolean> {
  try {
    const files = await listIfThere(folder);
    return files.length === 0 || FILES.some((file) => files.includes(file));
  } catch (error) {
    return codeOf(error) !== 'ENOTDIR';
  }
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
