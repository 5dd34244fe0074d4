import { keeperStatus } from '../../state/keeper.js';
import type { Context } from '../context.js';

/** A keeper notices within a second that its fleet is stopped, on NFS a few seconds later. Milliseconds. */
const LONGEST_MS = 10_000;
const POLL_MS = 100;

/** Waits until the keeper of a stopped fleet has ended, and warns about one that has not. */
export async function keeperEnded(context: Context, fleet: string): Promise<void> {
  const { clock, io, signal, stateFolder } = context;
  const until = clock.now() + LONGEST_MS;
  while (!signal.aborted) {
    const { record, state } = await keeperStatus(stateFolder, fleet, clock.now());
    if (record === null || state !== 'alive') return;
    if (clock.now() >= until) {
      const { pid, host } = record;
      io.stderr.line(
        `warning: the keeper of fleet ${fleet} (pid ${pid} on ${host}) has not ended yet; it ends when it sees that the fleet is stopped`,
      );
      return;
    }
    await clock.sleep(POLL_MS, signal);
  }
}
