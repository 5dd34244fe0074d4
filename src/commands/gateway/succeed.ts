import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { readIfThere } from '../../files/atomic.js';
import type { Gateway } from '../../gateway/gateway.js';
import { chooseFleet } from '../../state/choose-fleet.js';
import { fleetFolders } from '../../state/folders.js';
import type { Context } from '../context.js';

const LOOK_MS = 100;
/** A gateway whose servers do not answer for so long starts beside the one before it, on its own port. Milliseconds. */
const LONGEST_MS = 30_000;

/** How long the job's script may take to read the port. Milliseconds. */
const READ_MS = 10_000;

/**
 * Takes over the port of the gateway before this one, if that is on this node, once this one has a server to go to;
 * then leaves it to the next one. Writes the port into `file` for the job's script, which removes it; an empty line for
 * its own. Until then this gateway does not count as healthy, so that nobody learns of its own port.
 */
export async function succeedGateway(
  context: Context,
  { ports, counts }: Gateway,
  file: string,
): Promise<void> {
  const { clock, env, signal, stateFolder } = context;
  ports?.announce(false);
  const { folder } = fleetFolders(stateFolder, await chooseFleet(context));
  const key = createHash('sha256').update(`${folder} ${env.SANDBOXCTL_JOB_FIRST_PORT}`).digest('hex');
  const name = `sandboxctl.gateway.${key.slice(0, 32)}`;
  const within = async (ms: number, isSo: () => Promise<boolean>) => {
    for (const until = clock.now() + ms; clock.now() < until && !signal.aborted; ) {
      if (await isSo()) return true;
      await clock.sleep(LOOK_MS, signal);
    }
    return false;
  };
  try {
    const hasServer = async () => (await counts()).endpoints.some(({ state }) => state === 'in');
    const port = (await within(LONGEST_MS, hasServer)) ? await ports?.takePort(name) : null;
    await writeFile(`${file}.new`, `${port ?? ''}\n`);
    await rename(`${file}.new`, file);
    await within(READ_MS, async () => (await readIfThere(file)) === undefined);
  } finally {
    ports?.announce(true);
  }
  ports?.givePort(name);
}
