import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config/settings.js';
import { PROGRAM } from '../../control/submit.js';
import { isTelling } from '../../doctor/checks/image.js';
import type { Sources } from '../../doctor/examine.js';
import type { Setup, SlurmFacts } from '../../doctor/facts.js';
import { fleetFacts } from '../../doctor/gather/fleets.js';
import { imageFacts } from '../../doctor/gather/image.js';
import { type Asked, machineHere } from '../../doctor/gather/machine.js';
import { proxiesIn } from '../../doctor/gather/proxies.js';
import { registryFacts } from '../../doctor/gather/registry.js';
import { slurmFacts } from '../../doctor/gather/slurm.js';
import type { FolderRole } from '../../doctor/machine-facts.js';
import { needsImage, runtimeOf } from '../../doctor/runtime.js';
import { namedFleet } from '../../state/choose-fleet.js';
import type { Context } from '../context.js';
import { clusterFacts, hostsIn } from '../deploy/cluster-facts.js';
import { observeFleets } from '../observe-fleets.js';

/** Milliseconds. A controller that hangs is given up by Slurm's own tools after 10 s; the others wait for that. */
const LIMITS = { machine: 15_000, slurm: 15_000, image: 25_000, registry: 40_000, fleets: 45_000 };

/** Where the facts come from that the checks of `--on here` need. */
export function sourcesOf(context: Context, setup: Setup): Sources {
  const { run, env, signal, cwd, clock } = context;
  const { config, place, stateFolder } = setup;
  const imageDir = config.imageDir ?? join(stateFolder, 'images');
  const slurm = once(async (): Promise<SlurmFacts> => {
    if (place === 'local') return { kind: 'none', why: await whyNone(context, config.cluster) };
    const scheduler = await context.scheduler(place);
    return slurmFacts({
      ...{ scheduler, now: clock.now, nodelist: config.nodelist, exclude: config.exclude },
      cluster: () => clusterFacts(scheduler, config),
      hosts: (list) => hostsIn(scheduler, list, cwd),
    });
  });
  const image = once(async () => {
    const runtime = runtimeOf(setup, await slurm());
    if (runtime !== null && !needsImage(runtime)) return null;
    return imageFacts({
      needed: runtime !== null,
      image: config.image,
      imageDir,
      cwd,
      run,
      env,
      signal,
      isTelling,
    });
  });
  return {
    setup: { limitMs: LIMITS.machine, gather: async () => setup },
    proxies: { limitMs: LIMITS.machine, gather: async () => proxiesIn(env) },
    here: {
      limitMs: LIMITS.machine,
      gather: () => machineHere(run, env, asked(setup, imageDir, cwd), signal),
    },
    slurm: { limitMs: LIMITS.slurm, gather: slurm },
    image: { limitMs: LIMITS.image, gather: image },
    registry: {
      limitMs: LIMITS.registry,
      gather: async () => {
        const found = await image();
        return found === null ? null : registryFacts(config, { run, env, signal, now: clock.now });
      },
    },
    fleets: {
      limitMs: LIMITS.fleets,
      gather: async () => {
        const facts = await slurm();
        if (facts.kind === 'silent') return { failed: 'Slurm does not answer' };
        const observed = await observeFleets(context, config, namedFleet(context) ?? null);
        return fleetFacts(observed, { stateFolder, signal, elapsed: () => performance.now() });
      },
    },
  };
}

function asked({ config, stateFolder, place }: Setup, imageDir: string, cwd: string): Asked {
  const folders = new Map<FolderRole, string>([
    ['state', stateFolder],
    ['images', imageDir],
    ['logs', logFolder(config.output, cwd)],
    ['temp', tmpdir()],
    ['shm', '/dev/shm'],
  ]);
  const { first, last } = config.portRange;
  const range = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return {
    ...{ folders, program: PROGRAM, registry: null, mark: null },
    ports: place === 'local' ? [config.port, ...range] : [],
  };
}

function logFolder(output: string, cwd: string): string {
  return dirname(resolve(cwd, output)).replaceAll('%%', '%');
}

async function whyNone(context: Context, cluster: Config['cluster']): Promise<string> {
  const here = (await context.clusters()).includes('slurm');
  if (here && cluster === 'local') return 'not asked: the servers run on this machine (--cluster local)';
  return 'not on this machine (no squeue on PATH): the servers run here (--cluster local)';
}

function once<T>(gather: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= gather();
    return asked;
  };
}
