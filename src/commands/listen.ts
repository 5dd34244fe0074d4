import type { OwnHosts } from '../api/foreign-request.js';
import type { Config } from '../config/settings.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { ownHosts } from '../machine/own-hosts.js';

/** HOST:PORT, with an IPv6 host in brackets; without a host all addresses are meant. Throws kind `config`. */
export function listenAddress(listen: string): { host: string; port: number } {
  const [, six, host = six, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(listen) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new SandboxctlError('config', {
      what: `not an address to listen on: ${listen}`,
      hint: 'listen takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080',
    });
  }
  return { host: host || '0.0.0.0', port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const JOB_HOSTS = 'SANDBOXCTL_JOB_HOSTS';

/** Null for any host: other sites' pages do not have the token, and a server on loopback is only for its user. */
export function acceptedHosts(
  host: string,
  token: string | null,
  { allowHost }: Pick<Config, 'allowHost'>,
  env: NodeJS.ProcessEnv,
): OwnHosts | null {
  if (token !== null && !isLoopback(host)) return null;
  const { names, domains } = ownHosts();
  const given = [host, ...allowHost, ...(env[JOB_HOSTS] ?? '').split(' ')];
  return {
    names: [...names, ...given.filter((name) => name !== '').map((name) => name.toLowerCase())],
    domains: isLoopback(host) ? [] : domains,
  };
}

/** Converts an error of listen() to kind `tool`; returns any other unchanged. */
export function listenError(error: unknown, listen: string): unknown {
  if (!['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND'].includes(codeOf(error) ?? '')) return error;
  // In a worker of node:cluster the call is named `bind`.
  if (!['listen', 'bind', 'getaddrinfo'].includes((error as NodeJS.ErrnoException).syscall ?? ''))
    return error;
  return new SandboxctlError('tool', {
    what: `cannot listen on ${listen}`,
    detail: messageOf(error),
    hint: '--listen HOST:PORT names another address',
    cause: error,
  });
}
