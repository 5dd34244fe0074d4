import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

export interface HostSources {
  hostname: string;
  /** Of this machine, but for loopback: lists of advertisers to block give those that address. */
  addresses: readonly string[];
  hostsFile: string;
  resolverFile: string;
}

/** From its own files, without DNS: `names` are its own, `domains` those that its names are in. Lower case. */
export function ownHosts(sources: HostSources = readSources()): { names: string[]; domains: string[] } {
  const own = sources.hostname.toLowerCase();
  const [short = own] = own.split('.');
  const aliases = [own, ...aliasesIn(sources)];
  const search = [...sources.resolverFile.matchAll(/^\s*(?:search|domain)\s+(.*)$/gm)];
  const domains = new Set(
    [...aliases.map(domainOf), ...search.flatMap(([, words = '']) => words.split(/\s+/))]
      .map((domain) => domain.toLowerCase().replace(/^\.|\.$/g, ''))
      // A top-level domain is nobody's own.
      .filter((domain) => domain.includes('.')),
  );
  const full = [...domains, 'local'].map((domain) => `${short}.${domain}`);
  return { names: [...new Set([...aliases, short, ...full])], domains: [...domains] };
}

function aliasesIn({ hostname: own, addresses, hostsFile }: HostSources): string[] {
  return hostsFile
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([address = '', ...names]) => addresses.includes(address) || names.includes(own))
    .flatMap(([, ...names]) => names.map((name) => name.toLowerCase()));
}

function domainOf(name: string): string {
  const [, domain = ''] = /^[^.]+\.(.*)$/.exec(name) ?? [];
  return domain;
}

function readSources(): HostSources {
  const addresses = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  );
  return {
    hostname: hostname(),
    addresses,
    hostsFile: textOf('/etc/hosts'),
    resolverFile: textOf('/etc/resolv.conf'),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
