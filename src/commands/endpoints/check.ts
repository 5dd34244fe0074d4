import type { EndpointsFile } from '../../endpoints/schema.js';
import { messageOf } from '../../errors.js';
import type { Context } from '../context.js';
import { observeFleets } from '../observe-fleets.js';
import { recordObservation } from '../record-observation.js';

/**
 * Rewrites the endpoints file too, unless another command holds the lock. Undefined if nobody knows the fleet. Throws
 * kind `tool` if Slurm does not answer.
 */
export async function checkFleet(context: Context, fleet: string): Promise<EndpointsFile | undefined> {
  const { config } = await context.config({});
  const [seen] = await observeFleets(context, config, fleet);
  context.signal.throwIfAborted();
  if (seen === undefined || seen.spec === null) return undefined;
  const { spec } = seen;
  const warn = (error: unknown) =>
    context.io.stderr.line(`warning: other commands still see the old endpoints: ${messageOf(error)}`);
  const { file } = await recordObservation(context, { ...seen, spec }, 'endpoints --check', warn);
  return file;
}
