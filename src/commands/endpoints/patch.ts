import { constants } from 'node:fs';
import { copyFile, readFile, realpath, stat } from 'node:fs/promises';
import { clientValues } from '../../endpoints/formats/values.js';
import { patchable, patchServers } from '../../endpoints/patch.js';
import type { EndpointsFile } from '../../endpoints/schema.js';
import { codeOf, messageOf, SandboxctlError } from '../../errors.js';
import { writeAtomic } from '../../files/atomic.js';
import type { Context } from '../context.js';

/** Sets the list of servers in a copy of Reasoning360's client, and changes nothing else. */
export async function patchClient(
  { io, path: absolute }: Context,
  file: EndpointsFile,
  { path: given, rotate }: { path: string; rotate: boolean },
): Promise<void> {
  const servers = patchable(file);
  const path = absolute(given);
  try {
    // latin1 maps bytes to characters one to one, so any encoding survives.
    const real = await realpath(path);
    const before = await readFile(real, 'latin1');
    const after = patchServers(before, servers, { path, rotate });
    if (after === before) {
      io.stderr.line(`${path} already has these servers`);
    } else {
      const kept = await backup(real);
      const { mode } = await stat(real);
      await writeAtomic(real, Buffer.from(after, 'latin1'), mode & 0o7777);
      io.stderr.line(`${path} now has ${servers.join(', ')}; backup: ${kept}`);
    }
  } catch (error) {
    if (error instanceof SandboxctlError) throw error;
    throw new SandboxctlError('config', {
      what: `cannot change ${path}`,
      detail: messageOf(error),
      hint: 'pass --patch your copy of sandboxfusion_exec.py',
      cause: error,
    });
  }
  const hosts = clientValues(file).hosts.join(',');
  io.stderr.line('if SANDBOX_FUSION_SERVERS is set, it overrides this list');
  io.stderr.line(`if you use a proxy, also: export NO_PROXY="\${NO_PROXY:+$NO_PROXY,}${hosts}"`);
}

/** Keeps the first backup: later ones would hold a list of ours. */
async function backup(path: string): Promise<string> {
  const kept = `${path}.orig`;
  try {
    await copyFile(path, kept, constants.COPYFILE_EXCL);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return kept;
}
