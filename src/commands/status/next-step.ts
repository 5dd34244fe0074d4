import { slotViews } from '../../fleet/decide.js';
import type { Pause } from '../../fleet/faults.js';
import type { KeeperStatus } from '../../state/keeper.js';
import { formatAge } from '../../text/duration.js';
import { redeploy } from '../redeploy.js';
import type { FleetView } from './view.js';

/** What happens to servers whose job has ended, or what to do about them. `pauses`: of their slots. */
export function nextStep(
  fleet: string,
  nodes: number,
  { state }: Pick<KeeperStatus, 'state'>,
  pauses: readonly Pause[] = [],
  now = 0,
): string {
  const again = redeploy(fleet, nodes);
  if (state !== 'alive' && state !== 'waiting') return again;
  const givenUp = pauses.find(({ until }) => until === null);
  if (givenUp !== undefined)
    return `the keeper tries no other start, since none of ${givenUp.faults} worked (${givenUp.cause}); ${again}`;
  const times = pauses.flatMap(({ until }) => until ?? []).filter((until) => until > now);
  if (times.length === 0) return 'the keeper submits another job';
  return `the keeper submits another job in ${formatAge((Math.min(...times) - now) / 1000)}`;
}

/** Undefined for a fleet without such servers. */
export function nextStepOf(view: FleetView, now: number): string | undefined {
  const { fleet, spec, keeper, pauses } = view;
  const gone = slotViews(view).filter(({ state }) => state === 'gone');
  if (spec === null || gone.length === 0) return undefined;
  const theirs = gone.flatMap(({ instance }) => pauses.get(instance) ?? []);
  return nextStep(fleet, spec.nodes, keeper, theirs, now);
}
