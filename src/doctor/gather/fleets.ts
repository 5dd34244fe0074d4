import { join } from 'node:path';
import type { Observation } from '../../control/observe.js';
import { probe, probeGateway } from '../../control/probe.js';
import { messageOf } from '../../errors.js';
import type { InstanceView } from '../../fleet/instance.js';
import { slotName } from '../../fleet/slot.js';
import { readRegistration } from '../../state/registrations.js';
import { fleetStore } from '../../state/store.js';
import type { EndpointFacts, FleetFacts } from '../facts.js';

interface Deps {
  stateFolder: string;
  signal: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  elapsed(): number;
}

/** Fleets as `status` sees them, and how long each server that is ready takes for a health check of its own. */
export async function fleetFacts(observed: readonly Observation[], deps: Deps): Promise<FleetFacts[]> {
  const some = observed.filter(({ instances, gateway }) => instances.length > 0 || gateway !== null);
  return Promise.all(
    some.map(async ({ fleet, spec, instances, gateway }): Promise<FleetFacts> => {
      const facts = (view: InstanceView) => endpointFacts(fleet, view, deps);
      return {
        fleet,
        nodes: spec?.nodes ?? null,
        runtime: spec === null || spec.job.runtime === 'gateway' ? null : spec.job.runtime,
        partition: spec?.job.slurm.partition ?? null,
        endpoints: await Promise.all(instances.map(facts)),
        gateway: gateway === null ? null : await facts(gateway),
      };
    }),
  );
}

async function endpointFacts(fleet: string, view: InstanceView, deps: Deps): Promise<EndpointFacts> {
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
