import { readEndpoints } from '../endpoints/file.js';
import type { ClusterFacts } from '../fleet/cluster-facts.js';
import type { Registered } from '../fleet/facts.js';

/** After a failed question, while the scheduler does not answer. Milliseconds. */
const ASK_AGAIN_MS = 5_000;

/**
 * The addresses of nodes with servers, by the scheduler. While that does not answer, those that the endpoints file
 * has: a URL with a node's name may resolve nowhere.
 */
export function nodeAddresses(deps: {
  cluster: () => Promise<ClusterFacts>;
  /** Path of the endpoints file. */
  endpoints: string;
  now: () => number;
  onChange: () => void;
}) {
  const addresses = new Map<string, string>();
  const asked = new Set<string>();
  let asking: Promise<void> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let earlier: Promise<ReadonlyMap<string, string>> | undefined;

  async function ask(nodes: readonly string[]): Promise<void> {
    askedAt = deps.now();
    const cluster = await deps.cluster().catch(() => undefined);
    if (cluster === undefined) return;
    for (const { name, address } of cluster.nodes) addresses.set(name, address);
    for (const name of [...addresses.keys(), ...nodes]) asked.add(name);
  }

  return {
    addresses,
    /** Waits only for nodes whose address is not known from anywhere yet. */
    async learn(registered: Iterable<Registered>): Promise<void> {
      const nodes = [...registered].flatMap(({ host, node }) => (host === '' ? [node] : []));
      if (nodes.every((node) => asked.has(node))) return;
      if (asking === undefined && deps.now() - askedAt >= ASK_AGAIN_MS) {
        asking = ask(nodes).finally(() => {
          asking = undefined;
          deps.onChange();
        });
      }
      earlier ??= hostsIn(deps.endpoints);
      const known = await earlier;
      for (const node of nodes) {
        const host = known.get(node);
        if (!addresses.has(node) && host !== undefined) addresses.set(node, host);
      }
      if (nodes.some((node) => !addresses.has(node))) await asking;
    },
  };
}

async function hostsIn(path: string): Promise<ReadonlyMap<string, string>> {
  const file = await readEndpoints(path).catch(() => undefined);
  const { gateway = null, endpoints = [] } = file ?? {};
  const listed = endpoints.flatMap(({ node, host }) => (node && host ? [[node, host] as const] : []));
  return new Map([
    ...(gateway?.node ? [[gateway.node, new URL(gateway.url).hostname] as const] : []),
    ...listed,
  ]);
}
