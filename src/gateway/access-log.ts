import { createWriteStream } from 'node:fs';
import { messageOf, printable, SandboxctlError } from '../errors.js';
import type { AccessRecord } from './proxy.js';

export interface AccessLog {
  write(access: AccessRecord): void;
  close(): Promise<void>;
}

/** Writes one line of JSON per request. Throws kind `config` if the file cannot be opened. */
export async function accessLog(path: string | null): Promise<AccessLog | undefined> {
  if (path === null) return undefined;
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error) => {
      reject(
        new SandboxctlError('config', {
          what: `cannot write the access log ${path}`,
          detail: messageOf(error),
          hint: 'name another file with --access-log',
          cause: error,
        }),
      );
    });
  });
  // A full disk must not stop the gateway.
  stream.on('error', () => undefined);
  return {
    write: (access) =>
      void stream.write(`${printable(JSON.stringify({ time: new Date().toISOString(), ...access }))}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
