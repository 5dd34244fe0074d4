import type { Config } from '../../config/settings.js';
import type { Session } from '../../control/session.js';
import { writeClientConfigs } from '../../endpoints/client-config.js';
import { readEndpoints } from '../../endpoints/file.js';
import type { Decision } from '../../fleet/decide.js';
import type { FleetStore } from '../../state/store.js';

/**
 * Writes the files of --client-config. A file that names no server, or just those that were there before
 * anybody waited, would be read as the fleet: then none is written, and that is told.
 */
export async function tellClients(
  { clientConfig, wait, minReady }: Config,
  store: FleetStore,
  session: Session,
  { instances }: Decision,
): Promise<void> {
  if (clientConfig.length === 0) return;
  const ready = instances.filter((view) => view.state === 'ready').length;
  if (ready < (wait ? 1 : (minReady ?? instances.length))) {
    const found = `${ready} of ${instances.length} servers are ready`;
    const later = `'sandboxctl endpoints --fleet ${store.fleet} --write FILE' writes it later`;
    session.emit({ type: 'warning', reason: `${clientConfig.join(', ')} not written: ${found}; ${later}` });
    return;
  }
  const file = await readEndpoints(store.folders.endpoints);
  if (file === undefined) return;
  const note = (reason: string) => session.emit({ type: 'warning', reason });
  await writeClientConfigs(clientConfig, file, { direct: false, note });
}
