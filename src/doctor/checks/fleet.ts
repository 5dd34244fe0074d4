import { finding } from '../../failures/finding.js';
import { formatAge, HOUR } from '../../text/duration.js';
import { type Check, check } from '../check.js';
import type { EndpointFacts, FleetFacts, Setup } from '../facts.js';
import { found, foundOr, type Judgement, skipped } from '../judgement.js';
import { span } from './span.js';

/** A canary takes some 30 to 300 ms. */
const SLOW_MS = 5_000;

/** Fleets that are deployed, each by a health check of every server. */
export const FLEET_CHECKS: readonly Check[] = [
  check('fleet', 'fleets', 'Servers', ['fleets', 'slurm', 'setup'], ({ fleets, slurm, setup }) => {
    if ('failed' in fleets) return skipped(`not checked: ${fleets.failed}`);
    const lost = [...setup.unreadable].map(([fleet, path]) =>
      finding('fleet-spec-unreadable', { fleet, path }),
    );
    if (lost.length > 0)
      return found(...lost, ...fleets.flatMap(({ endpoints }) => endpoints.flatMap(wrongWith)));
    if (fleets.length === 0 && slurm.kind === 'silent') return skipped('not known: Slurm does not answer');
    if (fleets.length === 0) return skipped(nothingOf(setup));
    return foundOr(
      fleets.map(lineOf).join('; '),
      fleets.flatMap(({ endpoints }) => endpoints.flatMap(wrongWith)),
    );
  }),
  check('fleet', 'gateways', 'Gateways', ['fleets'], ({ fleets }) => {
    if ('failed' in fleets) return null;
    const gateways = fleets.flatMap(({ gateway }) => gateway ?? []);
    if (gateways.length === 0) return null;
    return foundOr(gateways.map(({ url }) => url).join(', '), gateways.flatMap(wrongWith));
  }),
  check('fleet', 'keepers', 'Keepers', ['fleets'], ({ fleets }) => {
    if ('failed' in fleets) return null;
    const kept = fleets.flatMap(({ fleet, keeper }) => (keeper === null ? [] : [{ fleet, ...keeper }]));
    if (kept.length === 0) return null;
    return foundOr(
      kept.map(({ fleet, state, where }) => `${fleet}: ${state}${where}`).join(', '),
      kept.map(({ fleet, state, where, problem }) => {
        if (state === 'dead') return finding('keeper-dead', { fleet }, where.trim());
        return problem !== null && finding('keeper-failing', { fleet }, problem);
      }),
    );
  }),
  check('fleet', 'time-left', 'Time left', ['fleets', 'slurm'], ({ fleets, slurm }): Judgement => {
    if ('failed' in fleets || slurm.kind !== 'answers') return null;
    const ends = fleets.flatMap(({ fleet, endpoints }) => {
      const times = endpoints.flatMap(({ expiresAt, state }) =>
        expiresAt === null || state !== 'ready' ? [] : Date.parse(expiresAt),
      );
      return times.length === 0 ? [] : [{ fleet, left: (Math.min(...times) - slurm.now) / 1000 }];
    });
    if (ends.length === 0) return null;
    return foundOr(
      ends.map(({ fleet, left }) => `${fleet}: ${formatAge(left)}`).join(', '),
      ends.map(
        ({ fleet, left }) => left < HOUR && finding('fleet-ends-soon', { fleet, left: formatAge(left) }),
      ),
    );
  }),
];

function nothingOf({ named, known }: Setup): string {
  if (named === null || known.length === 0)
    return "nothing is deployed: 'sandboxctl deploy --nodes N' deploys";
  const others = known.filter((fleet) => fleet !== named);
  return `nothing is deployed as '${named}'${others.length === 0 ? '' : `; other fleets: ${others.join(', ')}`}`;
}

function lineOf({ fleet, nodes, endpoints }: FleetFacts): string {
  const ready = endpoints.filter(({ state }) => state === 'ready').length;
  const times = endpoints.flatMap(({ latencyMs }) => latencyMs ?? []);
  const took = times.length === 0 ? '' : `, health check ${span(times)} ms`;
  return `${fleet}: ${ready} of ${nodes ?? endpoints.length} ready${took}`;
}

function wrongWith({ fleet, instance, state, reason, reachable, url, latencyMs }: EndpointFacts) {
  const facts = { fleet, instance, state, url: url ?? '' };
  if (state === 'draining') return [];
  if (state !== 'ready') return [finding('server-not-ready', facts, reason ?? '')];
  // Its job, which asks on loopback, finds it ready.
  if (reachable === false && /ECONNREFUSED/.test(reason ?? '')) {
    const what = instance === 'gateway' ? 'the gateway' : `instance ${instance}`;
    return [finding('listens-on-loopback', { what: `${what} of fleet ${fleet}` }, reason ?? '')];
  }
  if (reachable === false) return [finding('server-not-reached', facts, reason ?? '')];
  if (latencyMs === null || latencyMs < SLOW_MS) return [];
  return [finding('server-slow', { ...facts, seconds: (latencyMs / 1000).toFixed(1) })];
}
