import { join } from 'node:path';
import type { ResolvedConfig } from '../../config/load.js';
import type { Config } from '../../config/settings.js';
import { PROGRAM } from '../../control/submit.js';
import type { Setup } from '../../doctor/facts.js';
import { messageOf } from '../../errors.js';
import type { ClusterName, JobSpec, Spec } from '../../fleet/spec.js';
import { locateImage } from '../../image/identity.js';
import { namedFleet } from '../../state/choose-fleet.js';
import { listFleets } from '../../state/fleets.js';
import { fleetStore } from '../../state/store.js';
import { clusterIn, requestedCluster } from '../cluster.js';
import type { Context } from '../context.js';

/**
 * What the checks suppose: the configuration, and for what it leaves open, the fleet that is deployed. A fleet that
 * runs is not wrong because the defaults are others.
 */
export async function setupOf(context: Context, { config, origins }: ResolvedConfig): Promise<Setup> {
  const named = namedFleet(context) ?? null;
  const known = await listFleets(context.stateFolder).catch(() => []);
  const asked = named === null ? known : [named];
  const specs = await deployedSpecs(context, asked);
  const { place, noSlurm } = await placeOf(context, config, specs);
  const here = specs.filter((spec) => clusterIn(spec) === place);
  const [only, ...more] = here;
  const like = only !== undefined && more.length === 0 ? only : null;
  const taken = like === null ? {} : await settingsOf(context, config, like);
  const open = Object.entries(taken).filter(([key]) => origins[key as keyof Config] === 'default');
  return {
    config: { ...config, ...Object.fromEntries(open) },
    ...{ place, noSlurm, named, known, like: like?.fleet ?? null },
    unreadable: await unreadableSpecs(context, asked),
    ...{ stateFolder: context.stateFolder, program: PROGRAM },
  };
}

async function deployedSpecs({ stateFolder }: Context, fleets: readonly string[]): Promise<Spec[]> {
  const specs = await Promise.all(
    fleets.map((fleet) =>
      fleetStore(stateFolder, fleet)
        .readSpec()
        .catch(() => undefined),
    ),
  );
  return specs.filter((spec) => spec !== undefined).filter(({ nodes }) => nodes > 0);
}

async function unreadableSpecs(
  { stateFolder }: Context,
  fleets: readonly string[],
): Promise<Map<string, string>> {
  const lost = await Promise.all(
    fleets.map(async (fleet) => {
      const { folders, readSpec, specDamage } = fleetStore(stateFolder, fleet);
      const isRead = (await specDamage().catch(messageOf)) === undefined;
      const isKnown = await readSpec().then(
        () => true,
        () => false,
      );
      return isRead && isKnown ? [] : [[fleet, folders.spec] as const];
    }),
  );
  return new Map(lost.flat());
}

/** A Slurm that does not answer is not asked for what it has no part in. */
async function placeOf(
  context: Context,
  config: Config,
  specs: readonly Spec[],
): Promise<{ place: ClusterName; noSlurm: string | null }> {
  const there = (await context.clusters()).includes('slurm');
  const local = (noSlurm: string) => ({ place: 'local' as const, noSlurm });
  const asked = requestedCluster(config);
  if (asked === 'local' && there)
    return local('not asked: the servers run on this machine (--cluster local)');
  if (asked !== undefined && asked !== 'local') return { place: asked, noSlurm: null };
  if (!there) return local('not on this machine (no squeue on PATH): the servers run here (--cluster local)');
  if (specs.length === 0 || specs.some((spec) => clusterIn(spec) !== 'local'))
    return { place: 'slurm', noSlurm: null };
  const { ok, detail } = await (await context.scheduler('slurm')).ping();
  if (ok) return { place: 'slurm', noSlurm: null };
  return local(`does not answer, and the fleets here run on this machine: ${detail.split('\n')[0]}`);
}

async function settingsOf(
  { stateFolder, cwd }: Context,
  config: Config,
  { job, nodes }: Spec,
): Promise<Partial<Config>> {
  if (job.runtime === 'gateway') return {};
  const { partition, account, qos, reservation, constraint, cpusPerTask } = job.slurm;
  return {
    ...{ nodes, runtime: job.runtime, workers: job.workers, checkout: job.checkout?.path ?? null },
    ...(job.isolation === undefined ? {} : { isolation: job.isolation }),
    ...(clusterIn({ job } as Spec) === 'local'
      ? {}
      : { partition, account, qos, reservation, constraint, cpusPerTask }),
    ...(await imageOf(config, job, config.imageDir ?? join(stateFolder, 'images'), cwd)),
  };
}

/** The name of an image says where it comes from; its path is taken only if that is another. */
async function imageOf(
  { image }: Config,
  job: JobSpec,
  imageDir: string,
  cwd: string,
): Promise<Partial<Config>> {
  if (job.image === null) return {};
  const { path } = await locateImage(image, { imageDir, cwd });
  return path === job.image.path ? {} : { image: job.image.path };
}
