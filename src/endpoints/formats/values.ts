import type { EndpointsFile } from '../schema.js';
import { clientUrls } from '../select.js';

const FIXED_PORT = 8080;

/** What a client file's template can name (docs/client-files.md): plain data, quoted by the helpers alone. */
export interface ClientValues extends EndpointsFile {
  urls: string[];
  url: string | null;
  /** `url` with the path of a run, for a client that takes the whole address. */
  run_url: string | null;
  count: number;
  /** Whether `count` is more than a client of one URL can use. */
  several: boolean;
  /** Hosts of `urls`, each once, IPv6 addresses without brackets. */
  hosts: string[];
  /** Hosts of those `urls` on port 8080, for a client that has this port built in. */
  servers: string[];
  /** Those of `urls` that such a client cannot name. */
  elsewhere: string[];
  /** `urls` written so that such a client's own port ends up in the query, which servers ignore. */
  port_workaround: string[];
  /** The former name of `port_workaround`: users' templates may still have it. */
  swallowed: string[];
  /** How many programs the servers run at once: the sum of their CPUs; null if that is not known. */
  slots: number | null;
  through_gateway: boolean;
  bearer: boolean;
  targets: Target[];
}

interface Target {
  address: string;
  node: string | null;
  job_id: string | null;
}

export function clientValues(file: EndpointsFile): ClientValues {
  const urls = clientUrls(file);
  const parts = urls.map((url) => authorityOf(url));
  const portWorkaround = parts.map(({ host, port }) => asServer(host, port));
  const gateways = file.gateway?.state === 'ready' ? [file.gateway] : [];
  const asked = gateways.length > 0 ? gateways : file.endpoints;
  return {
    ...file,
    urls,
    url: urls[0] ?? null,
    run_url: urls[0] === undefined ? null : `${urls[0]}/run_code`,
    count: urls.length,
    several: urls.length > 1,
    hosts: [...new Set(parts.map(({ host }) => host.replace(/^\[(.*)\]$/, '$1')))],
    servers: parts.filter(({ port }) => port === FIXED_PORT).map(({ host }) => host),
    elsewhere: urls.filter((_url, index) => parts[index]?.port !== FIXED_PORT),
    port_workaround: portWorkaround,
    swallowed: portWorkaround,
    slots: slotsOf(file),
    through_gateway: gateways.length > 0,
    bearer: asked.some(({ auth }) => auth === 'bearer'),
    targets: [...gateways, ...file.endpoints].flatMap(({ url, node, job_id }) =>
      url === null ? [] : [{ address: addressOf(url), node, job_id }],
    ),
  };
}

/** A server for a client that has port 8080 built in: for another port, what the client adds ends up in a query. */
export function asServer(host: string, port: number): string {
  return port === FIXED_PORT ? host : `${host}:${port}/run_code?x=`;
}

function slotsOf({ endpoints }: EndpointsFile): number | null {
  const cpus = endpoints.map((each) => each.cpus);
  return cpus.length === 0 || cpus.includes(null)
    ? null
    : cpus.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

function addressOf(url: string): string {
  const { host, port } = authorityOf(url);
  return `${host}:${port}`;
}

/** Host as written in the URL, and port. `new URL` would reject or rewrite unusual hosts. */
function authorityOf(url: string): { host: string; port: number } {
  const [authority = ''] = url.replace(/^\w+:\/\//, '').split('/');
  const match = /^(.*?)(?::(\d+))?$/s.exec(authority);
  return { host: match?.[1] ?? authority, port: Number(match?.[2] ?? 80) };
}
