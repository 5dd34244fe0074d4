import { stat } from 'node:fs/promises';
import { messageOf, SandboxctlError } from '../errors.js';
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

/** An empty folder may be about to be filled. */
async function isFleetFolder(path: string): Promise<boolean> {
  const files = await listIfThere(path);
  return files.length === 0 ? isFolder(path) : FILES.some((file) => files.includes(file));
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

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
