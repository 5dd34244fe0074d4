import { type KeeperPlace, type KeeperStatus, keeperStatus } from '../state/keeper.js';
import { formatAge } from '../text/duration.js';
import type { Context } from './context.js';
import { cronLine } from './keep/cron-line.js';

type Asking = Pick<Context, 'stateFolder' | 'clock' | 'env'>;

/** Without a keeper, servers that end are not replaced, so every command reports a dead one. */
export async function warnDeadKeeper(context: Asking & Pick<Context, 'io'>, fleet: string): Promise<void> {
  const { stateFolder, clock, io } = context;
  const status = await keeperStatus(stateFolder, fleet, clock.now()).catch(() => undefined);
  const words = status && deadKeeper(context, fleet, status);
  if (words !== undefined) io.stderr.line(`warning: ${words}`);
}

/** The warning about a fleet that should be kept and is not; undefined for any other. */
export function deadKeeper(
  context: Asking,
  fleet: string,
  { state, record, request }: KeeperStatus,
): string | undefined {
  if (state !== 'dead') return undefined;
  const again = `servers that end are not replaced; ${restart(context, fleet, request?.place ?? 'here')}`;
  if (record === null) return `fleet ${fleet} is to be kept, and has no keeper: ${again}`;
  const who = record.job_id === null ? `pid ${record.pid} on ${record.host}` : `job ${record.job_id}`;
  const age = formatAge((context.clock.now() - Date.parse(record.looked_at ?? record.since)) / 1000);
  return `the keeper of fleet ${fleet} (${who}) is dead, last seen ${age} ago: ${again}`;
}

function restart(context: Asking, fleet: string, place: KeeperPlace): string {
  if (place === 'once') return `check the line of your crontab: ${cronLine(context, fleet)}`;
  const how = place === 'here' ? '--on here --detach' : '--on job';
  return `'sandboxctl keep ${how} --fleet ${fleet}' starts another one, with the same settings`;
}
