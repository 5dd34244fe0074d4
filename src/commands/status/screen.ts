import { eventLine } from '../../fleet/event-line.js';
import type { InstanceState } from '../../fleet/instance.js';
import { truncate } from '../../text/width.js';
import { wrap } from '../../text/wrap.js';
import { gatewayLine, statusPageOf } from './gateways.js';
import { keeperLines } from './keeper.js';
import { leftOutLines } from './left-out.js';
import { nextStepOf } from './next-step.js';
import { type FleetView, headline, slotRows, slotTable } from './view.js';

/** Problems first: there may be more instances than rows. */
const ORDER: readonly InstanceState[] = ['gone', 'unhealthy', 'starting', 'pending', 'draining', 'ready'];
/** Rows that the latest events get at least, where the terminal is not too small for any. */
const EVENT_ROWS = 3;

export interface ScreenSize {
  columns: number;
  rows: number;
}

/** One fleet as lines that fit a screen: no more than `rows`, none longer than `columns`. */
export function screenLines(
  view: FleetView,
  now: number,
  { columns, rows }: ScreenSize,
  note: string,
): string[] {
  const fitted = (line: string) => truncate(line, columns);
  const head = [
    headline(view),
    ...(view.deadKeeper === undefined
      ? keeperLines(view.keeper, now)
      : wrap(`warning: ${view.deadKeeper}`, columns)),
    ...view.gateways.map((each) => `gateway: ${gatewayLine(each)}, ${each.url}`),
    ...view.gateways.slice(0, 1).map(({ url }) => `status page: ${statusPageOf(url)}`),
    ...leftOutLines(view.leftOut, now),
  ].map(fitted);
  const next = nextStepOf(view, now);
  const foot = [...(next === undefined ? [] : [`next: ${next}`]), note].map(fitted);
  const room = rows - head.length - foot.length;
  const told = view.events
    .slice(-rows)
    .map((event) => fitted(`${clockTime(event.time)}  ${eventLine(event)}`));
  const table = tableWithin(view, now, columns, room - Math.min(told.length, room > 8 ? EVENT_ROWS + 1 : 0));
  const left = room - table.length - 1;
  const events = left > 0 && told.length > 0 ? ['', ...told.slice(-left)] : [];
  return [...head, ...table, ...events]
    .slice(0, Math.max(0, rows - foot.length))
    .concat(foot)
    .slice(-rows);
}

/** The table, cut to so many lines; the last one counts the instances that are left out. */
function tableWithin(view: FleetView, now: number, columns: number, lines: number): string[] {
  const slots = slotRows(view).sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  if (slots.length === 0) return [];
  for (let shown = slots.length; shown > 0; shown -= 1) {
    const table = slotTable(slots.slice(0, shown), now, columns);
    const rest = slots.slice(shown);
    if (table.length + Math.min(rest.length, 1) > lines) continue;
    return rest.length === 0 ? table : [...table, truncate(more(rest.map(({ state }) => state)), columns)];
  }
  return lines > 0 ? [truncate(more(slots.map(({ state }) => state)), columns)] : [];
}

function more(states: readonly InstanceState[]): string {
  const counts = ORDER.map((state) => [states.filter((each) => each === state).length, state] as const);
  const texts = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  return `${states.length} more: ${texts.join(', ')}`;
}

export function clockTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : time.toTimeString().slice(0, 8);
}
