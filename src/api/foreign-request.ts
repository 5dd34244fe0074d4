import type { IncomingHttpHeaders } from 'node:http';

export interface OwnHosts {
  /** In lower case, without a port. */
  names: readonly string[];
  /** Every name that ends in a dot and one of these is accepted too. */
  domains: readonly string[];
}

interface Head {
  method?: string | undefined;
  url?: string | undefined;
  headers: IncomingHttpHeaders;
}

export interface ForeignRequestGuard {
  /** Undefined if the host is one of the server's. */
  wrongHost(request: Head): string | undefined;
  otherSite(request: Head): string | undefined;
}

const REMEMBERED = 64;
const READS: readonly (string | undefined)[] = ['GET', 'HEAD'];

/**
 * Recognizes requests that a web page makes a browser send. The host is judged because DNS rebinding makes a page
 * same-origin. `hosts` null: every host is accepted.
 */
export function foreignRequestGuard(hosts: OwnHosts | null): ForeignRequestGuard {
  const known = new Set<string>();
  const isOwn = (authority: string): boolean => {
    if (hosts === null || known.has(authority)) return true;
    if (!isOwnName(nameIn(authority), hosts)) return false;
    if (known.size < REMEMBERED) known.add(authority);
    return true;
  };
  return {
    wrongHost: ({ url = '', headers: { host } }) => {
      const target = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
      const wrong = [target, host].find((authority) => authority !== undefined && !isOwn(authority));
      if (wrong === undefined) return undefined;
      return `the host ${JSON.stringify(wrong)} is none of this server's names; --allow-host NAME accepts it`;
    },
    otherSite: ({ method, headers: { origin, host, 'sec-fetch-site': site } }) => {
      if (READS.includes(method)) return undefined;
      if (site !== undefined && site !== 'same-origin' && site !== 'none')
        return 'the request comes from a web page of another site (Sec-Fetch-Site)';
      if (origin === undefined) return undefined;
      const own = host?.toLowerCase();
      if (origin.toLowerCase() === `http://${own}` || origin.toLowerCase() === `https://${own}`)
        return undefined;
      return 'the request comes from a web page of another site (Origin)';
    },
  };
}

function nameIn(authority: string): string {
  return authority.toLowerCase().replace(/^.*@/, '').replace(/:\d*$/, '').replace(/\.$/, '');
}

function isOwnName(name: string, { names, domains }: OwnHosts): boolean {
  if (/^\[[\da-f:.]+(%[\w.%-]+)?\]$/.test(name) || /^\d{1,3}(\.\d{1,3}){3}$/.test(name)) return true;
  // No site of the internet is reached by a name without a dot: it means what this network's administrators say.
  if (/^[\w-]+$/.test(name) || name.endsWith('.localhost')) return true;
  return names.includes(name) || domains.some((domain) => name.endsWith(`.${domain}`));
}
