import { type KeeperStatus, keeperStatus } from '../state/keeper.js';
import { formatAge } from '../text/duration.js';
import type { Context } from './context.js';

/** Without a keeper, servers that end are not replaced, so every command reports a dead one. */
export async function warnDeadKeeper(
  { stateFolder, clock, io }: Pick<Context, 'stateFolder' | 'clock' | 'io'>,
  fleet: string,
): Promise<void> {
  const status = await keeperStatus(stateFolder, fleet, clock.now()).catch(() => undefined);
  if (status?.state === 'dead') io.stderr.line(`warning: ${deadKeeper(fleet, status, clock.now())}`);
}

function deadKeeper(fleet: string, { record, request }: KeeperStatus, now: number): string {
  const again = `servers that end are not replaced; ${restart(fleet, request?.place ?? 'here')}`;
  if (record === null) return `fleet ${fleet} is to be kept, and has no keeper: ${again}`;
  const who = record.job_id === null ? `pid ${record.pid} on ${record.host}` : `job ${record.job_id}`;
  const age = formatAge((now - Date.parse(record.looked_at ?? record.since)) / 1000);
  return `the keeper of fleet ${fleet} (${who}) is dead, last seen ${age} ago: ${again}`;
}

function restart(fleet: string, place: 'here' | 'job' | 'once'): string {
  if (place === 'once') return `check the cron line that runs 'sandboxctl keep --once --fleet ${fleet}'`;
  return `'sandboxctl keep --on ${place}${place === 'here' ? ' --detach' : ''} --fleet ${fleet}' starts another one`;
}
