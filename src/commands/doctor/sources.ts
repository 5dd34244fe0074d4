import { join } from 'node:path';
import { inspectCheckout } from '../../checkout/inspect.js';
import type { Config } from '../../config/settings.js';
import type { Observation } from '../../control/observe.js';
import { isTelling } from '../../doctor/checks/image.js';
import type { Sources } from '../../doctor/examine.js';
import type { Setup, SlurmFacts } from '../../doctor/facts.js';
import { fleetFacts, recordedFacts } from '../../doctor/gather/fleets.js';
import { imageFacts } from '../../doctor/gather/image.js';
import { machineHere } from '../../doctor/gather/machine.js';
import { proxiesIn } from '../../doctor/gather/proxies.js';
import { registryFacts } from '../../doctor/gather/registry.js';
import { serverFacts } from '../../doctor/gather/server.js';
import { slurmFacts } from '../../doctor/gather/slurm.js';
import { needsImage, runtimeOf } from '../../doctor/runtime.js';
import { messageOf } from '../../errors.js';
import { readIfThere } from '../../files/atomic.js';
import { namedFleet } from '../../state/choose-fleet.js';
import { listFleets } from '../../state/fleets.js';
import { fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { clusterFacts, hostsIn } from '../deploy/cluster-facts.js';
import { observeFleets } from '../observe-fleets.js';
import { foldersOf } from './folders.js';
import { askNode, portsHere } from './node.js';

/** Milliseconds. A controller that hangs is given up by Slurm's own tools after 10 s; the others wait for that. */
const LIMITS = {
  machine: 15_000,
  slurm: 15_000,
  image: 25_000,
  registry: 40_000,
  fleets: 45_000,
  node: 200_000,
};

interface Wanted {
  job: boolean;
  isolationAsked: boolean;
}

/** Where the facts come from that the checks need; without `job` nothing is asked of a node. */
export function sourcesOf(context: Context, setup: Setup, { job, isolationAsked }: Wanted): Sources {
  const { run, env, signal, cwd, clock } = context;
  const { config, place, stateFolder, noSlurm } = setup;
  const elapsed = () => performance.now();
  const imageDir = config.imageDir ?? join(stateFolder, 'images');
  const named = namedFleet(context) ?? null;
  const folders = foldersOf(setup, imageDir, cwd, env);
  const slurm = once(async (): Promise<SlurmFacts> => {
    if (noSlurm !== null) return { kind: 'none', why: noSlurm };
    const asked = askSlurm(context, setup).catch((error: unknown) => silent(messageOf(error)));
    // Others wait for this one: it is late before they are.
    const late = clock
      .sleep(LIMITS.slurm, signal)
      .then(() => silent(`no answer within ${LIMITS.slurm / 1000} s`));
    return Promise.race([asked, late]);
  });
  const image = once(async () => {
    const runtime = runtimeOf(setup, await slurm());
    if (runtime !== null && !needsImage(runtime)) return null;
    const from = { needed: runtime !== null, image: config.image, imageDir, cwd };
    return imageFacts({ ...from, run, env, signal, isTelling });
  });
  const checkout = once(async () => {
    if (config.checkout === null || runtimeOf(setup, await slurm()) !== 'checkout') return null;
    const seen = await inspectCheckout({ folder: config.checkout, env, run });
    const makefile = await readIfThere(join(config.checkout, 'Makefile')).catch(() => undefined);
    return { ...seen, makefile: makefile ?? null };
  });
  const registry = once(async () =>
    (await image()) === null ? null : registryFacts(config, { run, env, signal, now: clock.now }),
  );
  const fleets = once(async () => {
    const { kind } = await slurm();
    const deps = { stateFolder, signal, elapsed, now: clock.now };
    if (kind === 'silent')
      return recordedFacts(named === null ? await listFleets(stateFolder) : [named], deps);
    const observed = await (place === 'local'
      ? localFleets(context, config)
      : observeFleets(context, config, named));
    return fleetFacts(observed, deps);
  });
  const here = { folders, program: setup.program, registry: null, mark: null, ports: portsHere(setup) };
  return {
    setup: { limitMs: LIMITS.machine, gather: async () => setup },
    proxies: { limitMs: LIMITS.machine, gather: async () => proxiesIn(env) },
    here: { limitMs: LIMITS.machine, gather: () => machineHere(run, env, here, signal) },
    server: {
      limitMs: LIMITS.machine,
      gather: async () => {
        if (place !== 'local' || runtimeOf(setup, await slurm()) !== 'embedded') return null;
        return serverFacts({ isolation: config.isolation, isolationAsked, env, elapsed });
      },
    },
    slurm: { limitMs: 2 * LIMITS.slurm, gather: slurm },
    image: { limitMs: LIMITS.image, gather: image },
    registry: { limitMs: LIMITS.registry, gather: registry },
    checkout: { limitMs: LIMITS.registry, gather: checkout },
    fleets: { limitMs: LIMITS.fleets, gather: fleets },
    ...(job
      ? {
          node: {
            limitMs: LIMITS.node,
            gather: () => askNode(context, setup, folders, { slurm, image, registry, fleets }),
          },
        }
      : {}),
  };
}

/** Those of this machine alone: a Slurm that nobody asked for may be away. */
async function localFleets(context: Context, config: Config): Promise<Observation[]> {
  const named = namedFleet(context);
  const names = named === undefined ? await listFleets(context.stateFolder) : [named];
  const specs = await Promise.all(
    names.map((name) =>
      fleetStore(context.stateFolder, name)
        .readSpec()
        .catch(() => undefined),
    ),
  );
  const local = names.filter((_, at) => specs[at]?.job.cluster === 'local');
  return (await Promise.all(local.map((name) => observeFleets(context, config, name)))).flat();
}

const silent = (words: string): SlurmFacts => ({ kind: 'silent', words });

async function askSlurm(context: Context, { config, place }: Setup): Promise<SlurmFacts> {
  const scheduler = await context.scheduler(place);
  return slurmFacts({
    ...{ scheduler, now: context.clock.now, nodelist: config.nodelist, exclude: config.exclude },
    cluster: () => clusterFacts(scheduler, config),
    hosts: (list) => hostsIn(scheduler, list, context.cwd),
  });
}

function once<T>(gather: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= gather();
    return asked;
  };
}
