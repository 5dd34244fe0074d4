import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { readIfThere, writeJson } from '../files/atomic.js';
import { type EndpointsFile, mistakeIn } from './schema.js';

/** NFS says ESTALE where the file was replaced between opening and reading it; opened again it is there. */
const STALE_RETRIES = 3;

/**
 * The endpoints file at `path`; undefined where there is none. Throws kind `config` for one that is no
 * endpoints file.
 */
export async function readEndpoints(path: string): Promise<EndpointsFile | undefined> {
  const text = await readFresh(path);
  if (text === undefined) return undefined;
  let value: unknown;
  let mistake: string | undefined;
  try {
    value = JSON.parse(text);
    mistake = mistakeIn(value);
  } catch (error) {
    mistake = messageOf(error);
  }
  if (mistake === undefined) return value as EndpointsFile;
  throw new SandboxctlError('config', {
    what: `${path} is no endpoints file that this sandboxctl can read`,
    words: mistake,
    hint: "'sandboxctl endpoints --check' asks Slurm and the servers and writes it anew",
  });
}

/** For the holder of the fleet's lock alone. Readers see the file whole or not at all. */
export async function writeEndpoints(path: string, file: EndpointsFile): Promise<void> {
  await writeJson(path, file);
}

async function readFresh(path: string, retries = STALE_RETRIES): Promise<string | undefined> {
  try {
    return await readIfThere(path);
  } catch (error) {
    if (codeOf(error) === 'ESTALE' && retries > 0) return readFresh(path, retries - 1);
    throw new SandboxctlError('config', {
      what: `${path} cannot be read`,
      words: messageOf(error),
      hint: 'look at the folder named by SANDBOXCTL_STATE_DIR and at who may read it',
      cause: error,
    });
  }
}
