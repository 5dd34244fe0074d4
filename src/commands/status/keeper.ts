import type { KeeperStatus } from '../../state/keeper.js';
import { formatAge } from '../../text/duration.js';

/** Who keeps a fleet, where, and when it last looked; none if nobody was asked to. */
export function keeperLines({ record, state }: KeeperStatus, now: number): string[] {
  if (state === 'none') return [];
  if (record === null) return [`keeper: ${state}`];
  const age = (time: string) => formatAge((now - Date.parse(time)) / 1000);
  const where = record.job_id === null ? `pid ${record.pid} on ${record.host}` : `job ${record.job_id}`;
  const last =
    record.looked_at === null
      ? 'has not reached the scheduler yet'
      : `last looked ${age(record.looked_at)} ago`;
  const problem = record.problem === null ? '' : `; last round failed: ${record.problem}`;
  return [`keeper: ${state}, ${where}, since ${age(record.since)}, ${last}${problem}`];
}

export function keeperJson({ record, state }: KeeperStatus) {
  if (state === 'none') return null;
  const { schema_version: _, ...fields } = record ?? { schema_version: 1 };
  return { state, ...fields };
}
