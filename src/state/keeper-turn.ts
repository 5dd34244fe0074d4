import { open } from 'node:fs/promises';
import { codeOf } from '../errors.js';
import { readIfThere, writeAtomic } from '../files/atomic.js';

/** Length of a request for the lock, which is always the same. */
const TOKEN_BYTES = 16;

function newToken(): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, TOKEN_BYTES);
}

/**
 * The file by which a command requests the fleet's lock from a keeper: it writes a new token. It is rewritten in
 * place, which works on a full disk, and read by open, since NFS caches listings and missing names.
 */
export function turnFile(path: string) {
  return {
    read: async () => (await readIfThere(path))?.trim() ?? '',
    /** Created by the keeper before it takes the lock. */
    prepare: async () => {
      if ((await readIfThere(path)) === undefined) await writeAtomic(path, `${newToken()}\n`);
    },
    async ask(): Promise<void> {
      const line = `${newToken()}\n`;
      try {
        const file = await open(path, 'r+');
        try {
          await file.write(line, 0);
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
        await writeAtomic(path, line);
      }
    },
  };
}

export type TurnFile = ReturnType<typeof turnFile>;
