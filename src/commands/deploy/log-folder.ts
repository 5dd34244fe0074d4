import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, SandboxctlError } from '../../errors.js';
import { makeFolder } from '../../files/atomic.js';

/** Slurm does not make it, and a job whose log cannot be opened never runs. Throws kind `config` where it fails. */
export async function makeLogFolder(output: string): Promise<void> {
  const folder = dirname(output).replaceAll('%%', '%');
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SandboxctlError('config', {
      what: `the folder of the logs, ${folder}, cannot be written`,
      detail: messageOf(error),
      hint: 'run this from a folder that you can write and that the nodes see, or set the config key output',
      cause: error,
    });
  }
}
