import { slotViews } from '../../fleet/decide.js';
import type { KeeperStatus } from '../../state/keeper.js';
import { redeploy } from '../redeploy.js';
import type { FleetView } from './view.js';

/** What happens to servers whose job has ended, or what to do about them. */
export function nextStep(fleet: string, nodes: number, { state }: Pick<KeeperStatus, 'state'>): string {
  if (state === 'alive' || state === 'waiting') return 'the keeper submits another job';
  return redeploy(fleet, nodes);
}

/** Undefined for a fleet without such servers. */
export function nextStepOf(view: FleetView): string | undefined {
  const { fleet, spec, keeper } = view;
  if (spec === null || !slotViews(view).some(({ state }) => state === 'gone')) return undefined;
  return nextStep(fleet, spec.nodes, keeper);
}
