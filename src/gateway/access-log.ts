import { createWriteStream } from 'node:fs';
import { messageOf, SandboxctlError } from '../errors.js';
import type { Access } from './proxy.js';

export interface AccessLog {
  write(access: Access): void;
  /** Resolves when all is written. */
  close(): Promise<void>;
}

/** One line of JSON for each request. Undefined where nobody asked. Throws kind `config` where the file cannot be written. */
export async function accessLog(path: string | null): Promise<AccessLog | undefined> {
  if (path === null) return undefined;
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error) => {
      reject(
        new SandboxctlError('config', {
          what: `the access log ${path} cannot be written`,
          words: messageOf(error),
          hint: 'name another file with --access-log',
          cause: error,
        }),
      );
    });
  });
  // A disk that is full must not stop the gateway.
  stream.on('error', () => undefined);
  return {
    write: (access) =>
      void stream.write(`${JSON.stringify({ time: new Date().toISOString(), ...access })}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
