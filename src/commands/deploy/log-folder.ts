import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../errors.js';
import { failureError } from '../../failures/finding.js';
import { makeFolder } from '../../files/atomic.js';

/** Slurm does not create it, and a job whose log cannot be opened never runs. Throws kind `config` if that fails. */
export async function makeLogFolder(output: string): Promise<void> {
  const folder = dirname(output).replaceAll('%%', '%');
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const parts = { kind: 'config', detail: messageOf(error), cause: error } as const;
    throw failureError('log-folder-not-writable', { folder }, parts);
  }
}
