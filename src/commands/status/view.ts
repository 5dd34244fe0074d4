import type { Observation } from '../../control/observe.js';
import { slotViews } from '../../fleet/decide.js';
import type { FleetEvent } from '../../fleet/events.js';
import type { LeftOut, Pause } from '../../fleet/faults.js';
import type { InstanceView } from '../../fleet/instance.js';
import { type Slot, slotName } from '../../fleet/slot.js';
import type { KeeperStatus } from '../../state/keeper.js';
import { fittedTable } from '../../text/columns.js';
import { formatAge } from '../../text/duration.js';
import { wrap } from '../../text/wrap.js';
import { gatewayLine, type SeenGateway, statusPageOf } from './gateways.js';
import { keeperLines } from './keeper.js';
import { leftOutLines } from './left-out.js';

export interface FleetView
  extends Pick<Observation, 'fleet' | 'spec' | 'instances' | 'gateway' | 'surplus' | 'replacements'> {
  /** The latest of the fleet's events, oldest first. */
  events: readonly FleetEvent[];
  gateways: readonly SeenGateway[];
  keeper: KeeperStatus;
  /** What to do about a keeper that is dead; undefined if none is. */
  deadKeeper: string | undefined;
  leftOut: readonly LeftOut[];
  /** When slots whose jobs did not last get the next one. */
  pauses: ReadonlyMap<Slot, Pause>;
}

const HEADS = ['INSTANCE', 'STATE', 'JOB', 'NODE', 'URL', 'AGE', 'TIME LEFT'];
/** Left out first where the terminal is narrow. */
const OPTIONAL = ['AGE', 'NODE', 'JOB', 'TIME LEFT'];

/** `width`: columns of the terminal; 0 for no limit. */
export function fleetLines(view: FleetView, now: number, width: number): string[] {
  return [
    ...within(headline(view), width),
    ...keeperLines(view.keeper, now).flatMap((line) => within(line, width)),
    ...slotTable(slotRows(view), now, width),
    ...view.gateways.flatMap((each) => within(`gateway ${each.url}: ${gatewayLine(each)}`, width)),
    ...view.gateways.map(({ url }) => `status page: ${statusPageOf(url)}`),
    ...leftOutLines(view.leftOut, now).flatMap((line) => within(line, width)),
  ];
}

export function slotTable(slots: readonly InstanceView[], now: number, width: number): string[] {
  const rows = slots.map((slot) => ({ cells: cells(slot, now), note: slot.reason }));
  return fittedTable({ heads: HEADS, rows, optional: OPTIONAL }, width);
}

function within(line: string, width: number): string[] {
  return width === 0 ? [line] : wrap(line, width);
}

/** A row for every slot, for every job that is to take over one, and for every job too many. */
export function slotRows({ instances, gateway, surplus, replacements }: FleetView): InstanceView[] {
  const due = new Map(replacements.map((each) => [each.slot, each]));
  const holders = slotViews({ instances, gateway }).map((view) => {
    const replacement = due.get(view.instance);
    return replacement === undefined ? view : { ...view, reason: replacedBy(replacement) };
  });
  const successors = replacements.flatMap(({ successor }) => successor ?? []);
  const extra = surplus.map((view) => ({ ...view, reason: view.why }));
  return [...holders, ...successors, ...extra];
}

function replacedBy({ due, successor }: FleetView['replacements'][number]): string {
  const by = successor?.jobId == null ? 'another job is to take over' : `job ${successor.jobId} takes over`;
  return `to be replaced, since ${due.why}: ${by}`;
}

export function headline({ fleet, spec, instances }: FleetView): string {
  const ready = instances.filter((view) => view.state === 'ready').length;
  const about =
    spec === null
      ? 'its spec is lost'
      : `generation ${spec.generation}, ${spec.job.cluster === 'local' ? 'on this machine' : `partition ${spec.job.slurm.partition}`}`;
  if (spec?.nodes === 0 && instances.length === 0) return `fleet ${fleet}: stopped (${about})`;
  return `fleet ${fleet}: ${ready} of ${instances.length} ready (${about})`;
}

function cells(view: InstanceView, now: number): string[] {
  const left = view.expiresAt === null ? '-' : formatAge((Date.parse(view.expiresAt) - now) / 1000);
  const age = view.startedAt === null ? '-' : formatAge((now - Date.parse(view.startedAt)) / 1000);
  const state = view.state === 'ready' && view.reachable === false ? 'ready, unreachable' : view.state;
  return [slotName(view.instance), state, view.jobId ?? '-', view.node ?? '-', view.url ?? '-', age, left];
}
