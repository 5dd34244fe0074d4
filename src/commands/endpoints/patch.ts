import { constants } from 'node:fs';
import { copyFile, readFile, realpath, stat } from 'node:fs/promises';
import { clientValues } from '../../endpoints/formats/values.js';
import { patchable, patchServers } from '../../endpoints/patch.js';
import type { EndpointsFile } from '../../endpoints/schema.js';
import { codeOf, messageOf, SandboxctlError } from '../../errors.js';
import { writeAtomic } from '../../files/atomic.js';
import type { Context } from '../context.js';

/** Sets the list of servers in a copy of Reasoning360's client; each other byte stays. */
export async function patchClient(
  { io, path: absolute }: Context,
  file: EndpointsFile,
  { path: given, rotate }: { path: string; rotate: boolean },
): Promise<void> {
  const servers = patchable(file);
  const path = absolute(given);
  try {
    // A byte a character: whatever the file's encoding is, it stays.
    const real = await realpath(path);
    const before = await readFile(real, 'latin1');
    const after = patchServers(before, servers, { path, rotate });
    if (after === before) {
      io.stderr.line(`${path} names these servers already`);
    } else {
      const kept = await backup(real);
      const { mode } = await stat(real);
      await writeAtomic(real, Buffer.from(after, 'latin1'), mode & 0o7777);
      io.stderr.line(`${path} names ${servers.join(', ')}; as it was: ${kept}`);
    }
  } catch (error) {
    if (error instanceof SandboxctlError) throw error;
    throw new SandboxctlError('config', {
      what: `${path} cannot be changed`,
      words: messageOf(error),
      hint: 'name your copy of sandboxfusion_exec.py with --patch',
      cause: error,
    });
  }
  const hosts = clientValues(file).hosts.join(',');
  io.stderr.line('SANDBOX_FUSION_SERVERS goes before this list where it is set');
  io.stderr.line(`where a proxy is set, also: export NO_PROXY="\${NO_PROXY:+$NO_PROXY,}${hosts}"`);
}

/** The file as its author left it: the first backup stays, since later ones would hold a list of ours. */
async function backup(path: string): Promise<string> {
  const kept = `${path}.orig`;
  try {
    await copyFile(path, kept, constants.COPYFILE_EXCL);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return kept;
}
