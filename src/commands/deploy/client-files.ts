import type { Config } from '../../config/settings.js';
import type { FleetController } from '../../control/fleet-controller.js';
import { writeClientConfigs } from '../../endpoints/client-config.js';
import type { Decision } from '../../fleet/decide.js';

/** Warns instead if too few servers are ready: clients would take the file for the whole fleet. */
export async function writeClientFiles(
  { clientConfig, wait, minReady }: Config,
  fleet: string,
  { emit, endpoints }: FleetController,
  { instances }: Decision,
): Promise<void> {
  if (clientConfig.length === 0) return;
  const ready = instances.filter((view) => view.state === 'ready').length;
  if (ready < (wait ? 1 : (minReady ?? instances.length))) {
    const found = `${ready} of ${instances.length} servers are ready`;
    const later = `'sandboxctl endpoints --fleet ${fleet} --write FILE' writes it later`;
    emit({ type: 'warning', reason: `${clientConfig.join(', ')} not written: ${found}; ${later}` });
    return;
  }
  const file = endpoints();
  if (file === undefined) return;
  const note = (reason: string) => emit({ type: 'warning', reason });
  await writeClientConfigs(clientConfig, file, { direct: false, note });
}
