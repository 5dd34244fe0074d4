import { buildEndpoints, readEndpoints } from '../endpoints/file.js';
import type { EndpointsFile } from '../endpoints/schema.js';
import type { Lock } from '../files/lock.js';
import { type Decision, endingServers } from '../fleet/decide.js';
import type { EventBody } from '../fleet/events.js';
import type { Target } from '../fleet/spec.js';
import type { FleetStore } from '../state/store.js';

type Observed = Pick<Decision, 'instances' | 'gateway' | 'surplus'>;

/**
 * Writes the endpoints file, one write at a time. The loop does not wait, since an fsync can take a second; offers
 * that arrive during a write are merged into the next one.
 */
export function endpointsPublisher(deps: {
  store: FleetStore;
  lock: Pick<Lock, 'held'>;
  now: () => number;
  emit: (event: EventBody) => void;
}) {
  const path = deps.store.folders.endpoints;
  let before: EndpointsFile | undefined;
  let published = '';
  let readyBefore = '';
  let urlOfGateway: string | undefined;
  let wanted: { spec: Target; observed: Observed } | undefined;
  let writing: Promise<void> | undefined;
  let failed: { error: unknown } | undefined;

  return {
    offer(spec: Target, observed: Observed): void {
      if (failed !== undefined) throw failed.error;
      wanted = { spec, observed };
      writing ??= writeWanted();
    },
    /** The file as last written here, or as found at the first write. */
    current: () => before,
    /** Resolves when the file holds what was offered last. Throws the error of a failed write. */
    async flush(): Promise<void> {
      await writing;
      if (failed !== undefined) throw failed.error;
    },
  };

  async function writeWanted(): Promise<void> {
    try {
      while (wanted !== undefined) {
        const { spec, observed } = wanted;
        wanted = undefined;
        await write(spec, observed);
      }
    } catch (error) {
      failed = { error };
    } finally {
      writing = undefined;
    }
  }

  /** A gateway's new job may run on another node or port. */
  function warnMoved(gateway: EndpointsFile['gateway']): void {
    if (gateway?.state !== 'ready') return;
    const was = urlOfGateway ?? gateway.url;
    urlOfGateway = gateway.url;
    if (was === gateway.url) return;
    const reason = `the gateway is at ${gateway.url} now, and no longer at ${was}: change the URL of clients that have it fixed`;
    deps.emit({ type: 'warning', reason });
  }

  async function write(spec: Target, observed: Observed): Promise<void> {
    before ??= await readEndpoints(path).catch(() => undefined);
    if (before?.gateway?.state === 'ready') urlOfGateway ??= before.gateway.url;
    const now = new Date(deps.now()).toISOString();
    const file = buildEndpoints(spec, { ...observed, ending: endingServers(observed.surplus) }, now, before);
    const content = JSON.stringify([file.generation, file.gateway, file.endpoints, file.draining]);
    if (content === published || !deps.lock.held()) return;
    published = content;
    await deps.store.writeEndpoints(file);
    warnMoved(file.gateway);
    before = file;
    const urls = file.endpoints.flatMap(({ state, url }) => (state === 'ready' && url !== null ? [url] : []));
    const ready = urls.length;
    if (urls.join(' ') !== readyBefore) {
      const data = { ready, nodes: spec.nodes, urls };
      deps.emit({ type: 'endpoints', reason: `${ready} of ${spec.nodes} ready`, data });
    }
    readyBefore = urls.join(' ');
  }
}
