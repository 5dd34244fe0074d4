import { readFile } from 'node:fs/promises';
import { messageOf, SandboxctlError } from '../errors.js';

/** The token from --token-file, else from SANDBOXCTL_TOKEN, else null. Throws kind `config` for a file that is empty or unreadable. */
export async function readToken(file: string | null, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (file === null) return env.SANDBOXCTL_TOKEN || null;
  try {
    const token = (await readFile(file, 'utf8')).trim();
    if (token !== '') return token;
  } catch (error) {
    throw new SandboxctlError('config', {
      what: `cannot read the token file ${file}`,
      detail: messageOf(error),
      hint: 'pass --token-file a file with one line, the token',
      cause: error,
    });
  }
  throw new SandboxctlError('config', {
    what: `the token file ${file} is empty`,
    hint: 'write a token into it, such as the output of `openssl rand -hex 32`',
  });
}
