import { oneLine } from '../../fleet/event-line.js';
import { INSTANCE_STATES, type InstanceState, type InstanceView } from '../../fleet/instance.js';
import { compareSlots, slotName } from '../../fleet/slot.js';
import { formatElapsed } from '../../text/duration.js';
import { truncate } from '../../text/width.js';
import { clockTime } from './plain.js';

export interface Screen {
  columns: number;
  rows: number;
  now: number;
  style: (state: InstanceState, text: string) => string;
}

/** Problems first: the list may be longer than the screen. */
const ORDER: readonly InstanceState[] = ['gone', 'unhealthy', 'starting', 'pending', 'draining', 'ready'];
const LONGEST_STATE = Math.max(...INSTANCE_STATES.map((state) => state.length));

export function counts(instances: readonly InstanceView[]): string {
  return [...INSTANCE_STATES]
    .sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))
    .map((state) => [instances.filter((each) => each.state === state).length, state] as const)
    .filter(([count, state]) => count > 0 || state === 'ready')
    .map(([count, state]) => `${count} ${state}`)
    .join(', ');
}

/** One line per instance that is not ready. The last line counts those that do not fit the screen. */
export function notReadyRows(instances: readonly InstanceView[], screen: Screen): string[] {
  const waiting = instances
    .filter(({ state }) => state !== 'ready')
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || compareSlots(a.instance, b.instance));
  const fitting = waiting.length <= screen.rows ? waiting.length : Math.max(0, screen.rows - 1);
  const digits = Math.max(...waiting.map(({ instance }) => slotName(instance).length));
  const lines = waiting.slice(0, fitting).map((each) => row(each, digits, screen));
  const rest = waiting.slice(fitting);
  if (rest.length > 0 && screen.rows > 0)
    lines.push(truncate(`  ${rest.length} more: ${reasons(rest)}`, screen.columns));
  return lines;
}

function row(view: InstanceView, digits: number, screen: Screen): string {
  const start = `  ${slotName(view.instance).padStart(digits)}  `;
  const state = view.state.padEnd(LONGEST_STATE);
  const room = screen.columns - start.length - state.length;
  if (room < 0) return truncate(start + state, screen.columns);
  return start + screen.style(view.state, state) + fitAfter(details(view, screen.now), room);
}

function fitAfter(text: string, room: number): string {
  return text === '' || room < 4 ? '' : `  ${truncate(text, room - 2)}`;
}

function details(view: InstanceView, now: number): string {
  const parts = [
    view.reason ?? '',
    view.expectedStart === null ? '' : `expected ${startTime(view.expectedStart, now)}`,
    view.node === null ? '' : `on ${view.node}`,
    view.jobId === null ? '' : `job ${view.jobId}`,
    view.startedAt === null ? '' : `for ${formatElapsed(now - Date.parse(view.startedAt))}`,
  ];
  return oneLine(parts.filter((part) => part !== '').join(', '));
}

function startTime(iso: string, now: number): string {
  const far = Date.parse(iso) - now > 24 * 3_600_000;
  return far ? new Date(iso).toLocaleString('sv-SE').slice(0, 16) : clockTime(iso).slice(0, 5);
}

function reasons(instances: readonly InstanceView[]): string {
  const counted = new Map<string, number>();
  for (const { state, reason } of instances) {
    const key = reason === null ? state : `${state} (${reason})`;
    counted.set(key, (counted.get(key) ?? 0) + 1);
  }
  return oneLine([...counted].map(([key, count]) => `${count} ${key}`).join(', '));
}
