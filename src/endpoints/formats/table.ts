import { printable } from '../../errors.js';
import { columns } from '../../text/columns.js';
import { formatAge, MINUTE } from '../../text/duration.js';
import type { Endpoint, EndpointsFile } from '../schema.js';

const HEAD = ['instance', 'url', 'state', 'node', 'job', 'time left'];

export function table({ gateway, endpoints }: EndpointsFile, now: number): string {
  if (gateway === null && endpoints.length === 0) return '';
  const rows = endpoints.map((endpoint) => [
    `${endpoint.instance}`,
    endpoint.url ?? '-',
    stateOf(endpoint),
    endpoint.node ?? '-',
    endpoint.job_id ?? '-',
    timeLeft(endpoint.expires_at, now),
  ]);
  if (gateway !== null)
    rows.unshift(['gateway', gateway.url, gateway.state, gateway.node ?? '-', gateway.job_id ?? '-', '-']);
  return columns([HEAD, ...rows])
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
