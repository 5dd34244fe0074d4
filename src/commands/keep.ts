import { isDeepStrictEqual } from 'node:util';
import type { ResolvedConfig } from '../config/load.js';
import { SandboxctlError } from '../errors.js';
import type { Spec } from '../fleet/spec.js';
import type { Scheduler } from '../scheduler/port.js';
import { chooseFleet } from '../state/choose-fleet.js';
import { type KeeperStore, type KeepRequest, keeperStatus, keeperStore } from '../state/keeper.js';
import { type FleetStore, fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import { clusterIn } from './cluster.js';
import type { Context } from './context.js';
import { keepDetached } from './keep/detached.js';
import { keepInJob } from './keep/in-job.js';
import { keeperLock, rejectSecond } from './keep/lock.js';
import { keepOptions } from './keep/options.js';
import { runKeeper } from './keep/run.js';
import { STORED_REQUEST } from './keep/stored-request.js';

export interface KeepOptions {
  flags: Readonly<Record<string, unknown>>;
  on?: string | undefined;
  detach: boolean;
  once: boolean;
}

export interface Kept {
  store: FleetStore;
  keeper: KeeperStore;
  scheduler: Scheduler;
  spec: Spec;
}

/** Keeps a fleet at its spec until it is stopped: replaces jobs that ended, and updates the endpoints file. */
export async function keep(context: Context, options: KeepOptions): Promise<void> {
  rejectOdd(options);
  const resolved = await context.config(options.flags);
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  const keeper = keeperStore(context.stateFolder, fleet);
  const spec = await deployedSpec(context, store);
  const kept: Kept = { store, keeper, scheduler: await context.scheduler(clusterIn(spec)), spec };
  const stored = context.env[STORED_REQUEST];
  const { json } = resolved.config;
  if (stored !== undefined) return runStored(context, kept, stored, json);
  const onJob = options.on === 'job' || (options.on === undefined && !options.detach && onSlurm(spec));
  const place = options.once ? 'once' : onJob ? 'job' : 'here';
  const request = await keepRequest(context, kept, resolved, place);
  checkIdleStop(spec, request.options.idleStop, place);
  if (place !== 'once' && (await changeSettings(context, kept, request))) return;
  if (options.detach || place === 'job') await startKeeper(context, kept, request);
  else await runKeeper(context, kept, { place, request, json });
}

/** A keeper that `keep` has started in a job, or in the background. */
async function runStored(context: Context, kept: Kept, stored: string, json: boolean): Promise<void> {
  const request = await kept.keeper.readRequest();
  // Stopped before it started.
  if (request === undefined) return;
  const jobId = stored === 'here' ? undefined : context.env.SLURM_JOB_ID;
  const start = jobId === undefined ? { place: 'here' as const } : { place: 'job' as const, jobId };
  await runKeeper(context, kept, { ...start, request, json });
}

/** Starts a keeper that outlives this command. Throws kind `locked` if another one is active. */
async function startKeeper(context: Context, kept: Kept, request: KeepRequest): Promise<void> {
  const { keeper, store } = kept;
  await rejectSecond(context, keeper, store.fleet);
  await keeper.writeRequest(request);
  if (request.place === 'job') return keepInJob(context, kept, request);
  const { host, pid } = await keepDetached(context, keeper, store.fleet);
  context.io.stderr.line(`keeping fleet ${store.fleet}: pid ${pid} on ${host}, log ${keeper.files.log}`);
}

/** Starts a keeper as `wanted` says; one that acts already takes over settings that differ. */
export async function ensureKeeper(context: Context, kept: Kept, wanted: KeepRequest): Promise<void> {
  checkIdleStop(kept.spec, wanted.options.idleStop, wanted.place);
  const lock = await keeperLock(context, kept.keeper);
  if (lock === undefined) {
    await changeSettings(context, kept, wanted);
    return;
  }
  await lock.release();
  await startKeeper(context, kept, wanted);
}

/** Hands settings that differ to the keeper that acts; false where none does, or where nothing differs. */
async function changeSettings(
  { stateFolder, clock, io }: Context,
  kept: Kept,
  wanted: KeepRequest,
): Promise<boolean> {
  const { keeper, store } = kept;
  const { state, request } = await keeperStatus(stateFolder, store.fleet, clock.now());
  if (state !== 'alive' || request === null || isDeepStrictEqual(request.options, wanted.options))
    return false;
  await keeper.writeRequest({ ...request, options: wanted.options });
  await keeper.turn.ask();
  io.stderr.line(`the keeper of fleet ${store.fleet} continues with the new settings`);
  return true;
}

/** By default a job on Slurm, and the background of this machine for a local fleet. */
export async function keepRequest(
  { clock }: Context,
  { keeper, spec }: Pick<Kept, 'keeper' | 'spec'>,
  resolved: ResolvedConfig,
  place: KeepRequest['place'] = onSlurm(spec) ? 'job' : 'here',
): Promise<KeepRequest> {
  const before = (await keeper.readRequest())?.options;
  // A round of cron watches nothing.
  const earlier = before !== undefined && place === 'once' ? { ...before, idleStop: null } : before;
  const options = keepOptions(resolved, earlier);
  return { schema_version: 1, place, since: new Date(clock.now()).toISOString(), options };
}

/** Throws kind `usage` if the fleet's runs are not counted, or not by a keeper that keeps running. */
export function checkIdleStop({ job }: Spec, idleStop: number | null, place: KeepRequest['place']): void {
  if (!idleStop) return;
  const mistake =
    job.runtime !== 'embedded'
      ? {
          what: `--idle-stop needs servers that count their runs, and those of runtime ${job.runtime} do not`,
          detail:
            "a gateway counts only its own clients' runs, so a fleet that others use directly would be stopped under them",
          hint: 'leave --idle-stop (config key idleStop) out, or deploy with --runtime embedded',
        }
      : place === 'once'
        ? {
            what: '--idle-stop needs a keeper that stays, and --once does one round',
            hint: 'leave out one of the two',
          }
        : undefined;
  if (mistake !== undefined) throw new SandboxctlError('usage', mistake);
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
