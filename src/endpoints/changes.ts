import type { EventBody } from '../fleet/events.js';
import { stateOf } from './formats/table.js';
import type { Endpoint, EndpointsFile } from './schema.js';

/** The fields that matter to clients: not times, which vary, nor CPU counts. */
const ACTED_ON = ['url', 'state', 'node', 'job_id', 'reachable', 'auth'] as const;

/**
 * One event per endpoint, then the gateway's. `data`: `change` (added, changed, removed), `endpoint` and `before`.
 */
export function changesBetween(before: EndpointsFile | undefined, after: EndpointsFile): EventBody[] {
  const known = new Map(before?.endpoints.map((endpoint) => [endpoint.instance, endpoint]));
  const listed = new Map(after.endpoints.map((endpoint) => [endpoint.instance, endpoint]));
  const instances = [...new Set([...known.keys(), ...listed.keys()])].sort((a, b) => a - b);
  const events = instances.flatMap((instance) => {
    const [was, is] = [known.get(instance) ?? null, listed.get(instance) ?? null];
    return sameFor(was, is) ? [] : [endpointEvent(instance, was, is)];
  });
  const [gatewayWas, gatewayIs] = [before?.gateway ?? null, after.gateway];
  if (JSON.stringify(gatewayWas) !== JSON.stringify(gatewayIs)) {
    events.push({
      type: 'gateway',
      reason: gatewayIs === null ? 'gateway gone' : `gateway ${gatewayIs.state} ${gatewayIs.url}`,
      data: { change: changeOf(gatewayWas, gatewayIs), gateway: gatewayIs, before: gatewayWas },
    });
  }
  return events;
}

function sameFor(was: Endpoint | null, is: Endpoint | null): boolean {
  if (was === null || is === null) return was === is;
  return ACTED_ON.every((key) => was[key] === is[key]);
}

function endpointEvent(instance: number, was: Endpoint | null, is: Endpoint | null): EventBody {
  const told = is ?? was;
  return {
    type: 'endpoints',
    instance,
    job_id: told?.job_id ?? undefined,
    node: told?.node ?? undefined,
    state: is?.state,
    reason: sentence(instance, was, is),
    data: { change: changeOf(was, is), endpoint: is, before: was },
  };
}

function changeOf(was: object | null, is: object | null): 'added' | 'changed' | 'removed' {
  if (was === null) return 'added';
  return is === null ? 'removed' : 'changed';
}

function sentence(instance: number, was: Endpoint | null, is: Endpoint | null): string {
  if (is === null) return `instance ${instance} no longer listed${at(was)}`;
  const from = was !== null && stateOf(was) !== stateOf(is) ? `, was ${stateOf(was)}` : '';
  return `instance ${instance} ${stateOf(is)}${at(is)}${from}`;
}

function at(endpoint: Endpoint | null): string {
  if (endpoint === null) return '';
  const place = [endpoint.node, endpoint.job_id === null ? null : `job ${endpoint.job_id}`];
  const told = place.filter((part) => part !== null).join(', ');
  return `${endpoint.url === null ? '' : `  ${endpoint.url}`}${told === '' ? '' : `  (${told})`}`;
}
