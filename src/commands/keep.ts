import type { Config } from '../config/settings.js';
import { SandboxctlError } from '../errors.js';
import type { Spec } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { chooseFleet } from '../state/choose-fleet.js';
import { type KeeperStore, type KeepRequest, keeperStore } from '../state/keeper.js';
import { type FleetStore, fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import { clusterIn } from './cluster.js';
import type { Context } from './context.js';
import { keepDetached } from './keep/detached.js';
import { keepInJob } from './keep/in-job.js';
import { keeperLock, rejectSecond } from './keep/lock.js';
import { runKeeper } from './keep/run.js';

export interface KeepOptions {
  flags: Readonly<Record<string, unknown>>;
  /** Where the keeper runs: here or job. Default: a job on Slurm. */
  on?: string | undefined;
  /** Return once a background process keeps the fleet. */
  detach: boolean;
  /** One round, for cron. */
  once: boolean;
}

/** A fleet that is to be kept, with what a keeper of it needs. */
export interface Kept {
  config: Config;
  store: FleetStore;
  keeper: KeeperStore;
  scheduler: Scheduler;
  spec: Spec;
}

/** Set by the script of a keeper's job. */
const IN_JOB = 'SANDBOXCTL_JOB_KEEPER';

/** Holds a fleet at its spec until it is stopped: replaces jobs that ended, and keeps the endpoints up to date. */
export async function keep(context: Context, options: KeepOptions): Promise<void> {
  rejectOdd(options);
  const { config } = await context.config(options.flags);
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  const keeper = keeperStore(context.stateFolder, fleet);
  const spec = await deployedSpec(context, store);
  const scheduler = await context.scheduler(clusterIn(spec));
  const kept: Kept = { config, store, keeper, scheduler, spec };
  const jobId = context.env[IN_JOB] === undefined ? undefined : context.env.SLURM_JOB_ID;
  if (jobId !== undefined) return runKeeper(context, kept, { place: 'job', jobId });
  if (options.once) return runOnce(context, kept);
  await startKeeper(context, kept, options);
}

/** By `keep`, or by `deploy --keep`, which detaches it. Throws kind `locked` where another keeper acts. */
async function startKeeper(context: Context, kept: Kept, options: KeepOptions): Promise<void> {
  const { keeper, store, spec } = kept;
  const { fleet } = store;
  const onJob = options.on === 'job' || (options.on === undefined && !options.detach && onSlurm(spec));
  if (onJob) {
    await rejectSecond(context, keeper, fleet);
    await keepInJob(context, kept, requestFor(context, kept, 'job'));
  } else if (options.detach) {
    const { host, pid } = await keepDetached(context, keeper, fleet, options.flags);
    context.io.stderr.line(`keeping fleet ${fleet}: pid ${pid} on ${host}, log ${keeper.files.log}`);
  } else await runKeeper(context, kept, { place: 'here', request: requestFor(context, kept, 'here') });
}

/** Starts a keeper unless one acts: in a job on Slurm, else in the background of this machine. */
export async function ensureKeeper(context: Context, kept: Kept): Promise<void> {
  const lock = await keeperLock(context, kept.keeper);
  if (lock === undefined) return;
  await lock.release();
  const detach = !onSlurm(kept.spec);
  await startKeeper(context, kept, { flags: {}, detach, once: false });
}

async function runOnce(context: Context, kept: Kept): Promise<void> {
  await runKeeper(context, kept, { place: 'once', request: requestFor(context, kept, 'once') });
}

function requestFor({ clock }: Context, { config }: Kept, place: KeepRequest['place']): KeepRequest {
  const { keeperPartition, settle, drain } = config;
  return {
    ...{ schema_version: 1, place, since: new Date(clock.now()).toISOString() },
    options: { partition: keeperPartition, settle, drain },
  };
}

const onSlurm = (spec: Spec): boolean => clusterIn(spec) !== 'local';

function rejectOdd({ on = 'here', detach, once }: KeepOptions): void {
  const mistake = !['here', 'job'].includes(on)
    ? `--on takes here or job, not '${on}'`
    : once && detach
      ? '--once and --detach exclude each other'
      : on === 'job' && (once || detach)
        ? `--on job and ${once ? '--once' : '--detach'} exclude each other`
        : undefined;
  if (mistake === undefined) return;
  throw new SandboxctlError('usage', { what: mistake, hint: "see 'sandboxctl keep --help'" });
}

async function deployedSpec(context: Context, store: FleetStore): Promise<Spec> {
  const spec = await store.readSpec();
  if (spec === undefined) throw await absentFleet(context.stateFolder, store.fleet);
  if (spec.nodes > 0) return spec;
  throw new SandboxctlError('absent', {
    what: `fleet ${store.fleet} is stopped, so there is nothing to keep`,
    hint: `'sandboxctl deploy --fleet ${store.fleet} --nodes N --keep' deploys it again and keeps it`,
  });
}
