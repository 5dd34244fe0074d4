import { join } from 'node:path';
import type { Observation } from '../../control/observe.js';
import { probe, probeGateway } from '../../control/probe.js';
import { readEndpoints } from '../../endpoints/file.js';
import { messageOf } from '../../errors.js';
import type { InstanceView } from '../../fleet/instance.js';
import { slotName } from '../../fleet/slot.js';
import type { JobSpec } from '../../fleet/spec.js';
import { keeperStatus } from '../../state/keeper.js';
import { readRegistration } from '../../state/registrations.js';
import { fleetStore } from '../../state/store.js';
import type { EndpointFacts, FleetFacts } from '../facts.js';

interface Deps {
  stateFolder: string;
  signal: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  elapsed(): number;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Fleets as `status` sees them, and how long each server that is ready takes for a health check of its own. */
export async function fleetFacts(observed: readonly Observation[], deps: Deps): Promise<FleetFacts[]> {
  const some = observed.filter(({ instances, gateway }) => instances.length > 0 || gateway !== null);
  return Promise.all(
    some.map(async ({ fleet, spec, instances, gateway }): Promise<FleetFacts> => {
      const facts = (view: Seen) => endpointFacts(fleet, view, deps);
      return {
        ...{ fleet, nodes: spec?.nodes ?? null, ...aboutJob(spec?.job), ...(await keeperOf(fleet, deps)) },
        endpoints: await Promise.all(instances.map(facts)),
        gateway: gateway === null ? null : await facts(gateway),
      };
    }),
  );
}

/** The same while the scheduler is away: the servers that the endpoints files had last, as they answer now. */
export async function recordedFacts(fleets: readonly string[], deps: Deps): Promise<FleetFacts[]> {
  const all = await Promise.all(
    fleets.map(async (fleet): Promise<FleetFacts[]> => {
      const store = fleetStore(deps.stateFolder, fleet);
      const file = await readEndpoints(store.folders.endpoints).catch(() => undefined);
      const ready = file?.endpoints.filter(({ state }) => state === 'ready') ?? [];
      if (ready.length === 0) return [];
      const spec = await store.readSpec().catch(() => undefined);
      const seen = ready.map((each) => ({
        ...each,
        ...ASKED_NOBODY,
        jobId: each.job_id,
        expiresAt: each.expires_at,
      }));
      const facts = {
        fleet,
        nodes: spec?.nodes ?? null,
        ...aboutJob(spec?.job),
        ...(await keeperOf(fleet, deps)),
      };
      const endpoints = await Promise.all(seen.map((view) => endpointFacts(fleet, view, deps)));
      return [{ ...facts, endpoints, gateway: null }];
    }),
  );
  return all.flat();
}

const ASKED_NOBODY = { reachable: null, reason: null };

function aboutJob(job: JobSpec | undefined): Pick<FleetFacts, 'runtime' | 'partition'> {
  if (job === undefined || job.runtime === 'gateway') return { runtime: null, partition: null };
  return { runtime: job.runtime, partition: job.slurm.partition };
}

async function keeperOf(fleet: string, { stateFolder, now }: Deps): Promise<Pick<FleetFacts, 'keeper'>> {
  const { state, record } = await keeperStatus(stateFolder, fleet, now());
  if (state === 'none') return { keeper: null };
  const where = record === null ? '' : ` (${record.job_id === null ? record.host : `job ${record.job_id}`})`;
  return { keeper: { state, where, problem: record?.problem ?? null } };
}

type Seen = Pick<
  InstanceView,
  'instance' | 'state' | 'reachable' | 'reason' | 'node' | 'url' | 'expiresAt' | 'cpus' | 'jobId'
>;

async function endpointFacts(fleet: string, view: Seen, deps: Deps): Promise<EndpointFacts> {
  const { instance, state, reachable, reason, node, url, expiresAt, cpus } = view;
  const facts = { fleet, instance: slotName(instance), state, reachable, reason, node, url, expiresAt, cpus };
  if (state !== 'ready' || url === null) return { ...facts, latencyMs: null };
  const { folders } = fleetStore(deps.stateFolder, fleet);
  const registered = await readRegistration(join(folders.registrations, `${view.jobId}.json`));
  const begun = deps.elapsed();
  const ask = instance === 'gateway' ? probeGateway : probe;
  const { nonce = '', secret } = registered ?? {};
  const answer = await ask(url, { nonce, secret }, deps.signal).catch((error: unknown) => ({
    ok: false as const,
    reason: messageOf(error),
  }));
  const latencyMs = answer.ok ? Math.round(deps.elapsed() - begun) : null;
  return answer.ok
    ? { ...facts, latencyMs }
    : { ...facts, latencyMs, reachable: false, reason: answer.reason };
}
