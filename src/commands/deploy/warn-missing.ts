import { askMissing } from '../../control/probe.js';
import type { EventBody } from '../../fleet/events.js';
import type { InstanceView } from '../../fleet/instance.js';

/** Warns about servers whose machine lacks part of the isolation. They run nonetheless, since it is the default. */
export async function warnMissing(
  emit: (event: EventBody) => void,
  instances: readonly InstanceView[],
): Promise<void> {
  const ready = instances.flatMap(({ state, url }) => (state === 'ready' && url !== null ? [url] : []));
  const found = await Promise.all(ready.map(async (url) => ({ url, missing: await askMissing(url) })));
  const weak = found.filter(({ missing }) => missing.length > 0);
  if (weak.length === 0) return;
  const parts = [...new Set(weak.flatMap(({ missing }) => missing))].join(', ');
  emit({
    type: 'warning',
    reason: `isolation without ${parts} on ${weak.map(({ url }) => url).join(' ')}: this kernel or CPU has none; --isolation lite refuses such nodes (docs/security.md)`,
  });
}
