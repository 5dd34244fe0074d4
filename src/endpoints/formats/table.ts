import { printable } from '../../errors.js';
import { fittedTable } from '../../text/columns.js';
import { formatAge, MINUTE } from '../../text/duration.js';
import type { Endpoint, EndpointsFile } from '../schema.js';

const HEADS = ['INSTANCE', 'STATE', 'JOB', 'NODE', 'URL', 'TIME LEFT'];
const OPTIONAL = ['NODE', 'JOB', 'TIME LEFT'];

/** The columns of `status`. `width` of the terminal; 0 for no limit. */
export function table({ gateway, endpoints }: EndpointsFile, now: number, width = 0): string {
  if (gateway === null && endpoints.length === 0) return '';
  const rows = endpoints.map((endpoint) => [
    `${endpoint.instance}`,
    stateOf(endpoint).replace(' from here', ''),
    endpoint.job_id ?? '-',
    endpoint.node ?? '-',
    endpoint.url ?? '-',
    timeLeft(endpoint.expires_at, now),
  ]);
  if (gateway !== null)
    rows.unshift(['gateway', gateway.state, gateway.job_id ?? '-', gateway.node ?? '-', gateway.url, '-']);
  const cells = rows.map((each) => ({ cells: each }));
  return fittedTable({ heads: HEADS, rows: cells, optional: OPTIONAL }, width)
    .map((line) => `${printable(line)}\n`)
    .join('');
}

export function stateOf({ state, reachable }: Pick<Endpoint, 'state' | 'reachable'>): string {
  return state === 'ready' && reachable === false ? 'ready, unreachable from here' : state;
}

export function timeLeft(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return '-';
  const minutes = Math.floor((Date.parse(expiresAt) - now) / 60_000);
  return minutes >= 1 ? formatAge(minutes * MINUTE) : 'under 1m';
}

const OLD_MS = 120_000;

export function notes(file: EndpointsFile, shown: EndpointsFile, now: number, flags: string): string[] {
  const age = now - Date.parse(file.updated_at);
  const counted = new Map<string, number>();
  for (const { state } of file.endpoints) counted.set(state, (counted.get(state) ?? 0) + 1);
  const states = [...counted].map(([state, count]) => `${count} ${state}`).join(', ');
  return [
    ...(shown.endpoints.length > 0 ? [] : [`no endpoint is ready${states === '' ? '' : ` (${states})`}`]),
    ...(counted.has('gone') ? ["the same 'sandboxctl deploy' again replaces what is gone"] : []),
    ...(age < OLD_MS ? [] : [`seen ${agoOf(age)} ago; 'sandboxctl endpoints${flags} --check' asks now`]),
  ];
}

function agoOf(ms: number): string {
  return timeLeft(new Date(ms).toISOString(), 0);
}
