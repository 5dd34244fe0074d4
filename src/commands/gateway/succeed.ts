import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import type { Gateway } from '../../gateway/gateway.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import { fleetFolders } from '../../state/folders.js';
import type { Context } from '../context.js';

const LOOK_MS = 100;
/** A gateway whose servers do not answer for so long starts beside the one before it, on its own port. Milliseconds. */
const LONGEST_MS = 30_000;

/**
 * Takes over the port of the gateway before this one, if that is on this node, once this one has a server to go to;
 * then leaves it to the next one. Writes the port into `file` for the job's script; an empty line for its own.
 */
export async function succeedGateway(context: Context, gateway: Gateway, file: string): Promise<void> {
  const { clock, signal, stateFolder } = context;
  const { folder } = fleetFolders(stateFolder, await chooseFleet(context));
  const name = `sandboxctl.gateway.${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  const until = clock.now() + LONGEST_MS;
  while (!(await hasServer(gateway)) && clock.now() < until && !signal.aborted) {
    await clock.sleep(LOOK_MS, signal);
  }
  const port = (await hasServer(gateway)) ? await gateway.ports?.takePort(name) : null;
  await writeFile(`${file}.new`, `${port ?? ''}\n`);
  await rename(`${file}.new`, file);
  gateway.ports?.givePort(name);
}

async function hasServer(gateway: Gateway): Promise<boolean> {
  return (await gateway.counts()).endpoints.some(({ state }) => state === 'in');
}
