import { lstatSync, readFileSync } from 'node:fs';

export const HOSTS = '/etc/hosts';
export const HOST_NAME = 'sandbox';

/**
 * A sandbox's /etc/hosts: the machine's own with the sandbox's name, so that a program can resolve its own host.
 * Undefined if this machine has no such file, as there is then nothing to mount it on.
 */
export function hostsFile(): Buffer | undefined {
  if (lstatSync(HOSTS, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const own = readFileSync(HOSTS, 'utf8');
  return Buffer.from(`${own}${own.endsWith('\n') || own === '' ? '' : '\n'}127.0.0.1 ${HOST_NAME}\n`);
}
