import { lstatSync, readFileSync } from 'node:fs';

export const HOSTS = '/etc/hosts';
/** What a sandbox's machine is called. */
export const HOST_NAME = 'sandbox';

/**
 * What a sandbox reads as /etc/hosts: the machine's own, and the sandbox's name, so that a program finds the address
 * of its own host. Undefined if this machine has no such file: nothing can be put in its place.
 */
export function hostsFile(): Buffer | undefined {
  if (lstatSync(HOSTS, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const own = readFileSync(HOSTS, 'utf8');
  return Buffer.from(`${own}${own.endsWith('\n') || own === '' ? '' : '\n'}127.0.0.1 ${HOST_NAME}\n`);
}
