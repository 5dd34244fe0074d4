import type { FleetController } from '../control/fleet-controller.js';
import { messageOf, SandboxctlError } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { Decision } from '../fleet/decide.js';
import { keeperJobName } from '../fleet/names.js';
import { emptyTarget, type Spec } from '../fleet/spec.js';
import { chooseFleet } from '../state/choose-fleet.js';
import { keeperStore } from '../state/keeper.js';
import { bestEffortStore, type FleetStore, fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import { clusterOf } from './cluster.js';
import type { Context } from './context.js';
import { keeperEnded } from './keep/ended.js';
import { withFleet } from './with-fleet.js';

export interface StopOptions {
  flags: Readonly<Record<string, unknown>>;
}

/**
 * Waits until Slurm lists the jobs no more. An unwritable state folder is only a warning: a stop frees resources.
 * After --drain and --timeout it throws kind `tool` if Slurm does not answer, and `waiting` if jobs are left.
 */
export async function stop(context: Context, options: StopOptions): Promise<void> {
  const { config } = await context.config(options.flags);
  const fleet = await chooseFleet(context);
  const reporter = context.reporter({ json: config.json, fleet });
  let unwritten = false;
  const onUnwritten = (error: unknown) => {
    if (!unwritten) context.io.stderr.line(`warning: ${unrecorded(fleet, error)}`);
    unwritten = true;
  };
  const store = bestEffortStore(fleetStore(context.stateFolder, fleet), onUnwritten);
  const keeper = keeperStore(context.stateFolder, fleet);
  const scheduler = await context.scheduler(await clusterOf(context, fleet, config));
  const spec = await store.readSpec();
  const answer = await scheduler.list({ fleet });
  const damaged = (await store.specDamage()) !== undefined;
  if (spec === undefined && !damaged && answer.ok && answer.jobs.length === 0) {
    const { message, detail } = await absentFleet(context.stateFolder, fleet);
    context.io.stderr.line([message, detail].filter((each) => each !== undefined).join('; '));
    return;
  }
  const mayHaveJobs = spec !== undefined && spec.nodes > 0;
  if (!mayHaveJobs && !answer.ok && (await store.readSubmissions()).every(({ closed }) => closed)) {
    throw nothingKnown(fleet, answer.detail, context.stateFolder);
  }
  const kept = await keeper.readRequest();
  await store.prepare();
  const cluster = () => scheduler.facts();
  const work = { purpose: 'stop', store, scheduler, cluster, config, reporter, onUnwritten } as const;
  const until = context.clock.now() + (config.drain + config.timeout) * 1000;
  await withFleet(context, work, async (controller) => {
    const isAnswered = await controller.firstAnswer(until);
    if (context.signal.aborted) return;
    if (!isAnswered) throw unfinished(controller.watch, fleet, 'nothing was cancelled');
    const jobs = controller.watch.liveJobs();
    if (!config.yes) await confirmStop(context, fleet, jobs);
    await controller.confirmLock();
    const isStopped = await cancelAll(context, controller, store, until);
    if (context.signal.aborted) return;
    if (!isStopped) throw unfinished(controller.watch, fleet, 'the jobs are to be cancelled');
    await keeper.removeRequest().catch((error: unknown) => {
      if (!isUnwritable(error)) throw error;
      onUnwritten(error);
    });
    // A full disk takes no new list of servers; the old one names servers that are gone.
    if (unwritten) await store.removeEndpoints();
    controller.emit({
      type: 'result',
      reason: `fleet ${fleet} is stopped: ${outcome(jobs.length)}`,
      data: { exit_code: 0 },
    });
  });
  await keeperEnded(context, fleet);
  // A job of it that pends, or has not noticed yet.
  if (kept?.place === 'job') await scheduler.cancelNamedJob(keeperJobName(fleet));
}

async function confirmStop(context: Context, fleet: string, jobs: readonly string[]): Promise<void> {
  if (jobs.length === 0) return;
  context.io.stderr.line(`fleet ${fleet}: ${jobs.join(' ')}`);
  const question = `Cancel ${jobs.length === 1 ? 'this job' : `these ${jobs.length} jobs`}?`;
  if (await context.io.confirm(question)) return;
  throw new SandboxctlError('usage', {
    what: 'nothing was stopped',
    hint: `'sandboxctl status --fleet ${fleet}' shows what is running`,
  });
}

/** False if jobs are left at the time `until`. */
async function cancelAll(
  { clock }: Context,
  { watch, run }: FleetController,
  store: FleetStore,
  until: number,
): Promise<boolean> {
  const before = watch.spec();
  const isOver = ({ surplus }: Pick<Decision, 'surplus'>) =>
    surplus.length === 0 && watch.unconfirmed().length === 0;
  return isOver(
    await run({
      spec: before === undefined ? emptyTarget(store.fleet) : await recordStopped(store, before),
      until: (decision) => isOver(decision) || clock.now() >= until,
    }),
  );
}

/** Recorded before anything is cancelled: a stop that is killed is finished by the next one. */
async function recordStopped(store: FleetStore, before: Spec): Promise<Spec> {
  if (before.nodes === 0) return before;
  const { gateway: _, ...servers } = before;
  const stopped = { ...servers, nodes: 0, generation: before.generation + 1 };
  await store.writeSpec(stopped);
  return stopped;
}

function outcome(jobs: number): string {
  if (jobs === 0) return 'it had no running jobs';
  return jobs === 1 ? '1 job is gone' : `${jobs} jobs are gone`;
}

function unfinished(watch: FleetController['watch'], fleet: string, done: string): SandboxctlError {
  const words = watch.outage();
  const again = `'sandboxctl stop --fleet ${fleet}' continues`;
  const jobs = watch.liveJobs();
  const left = jobs.length === 0 ? '' : `; not known to have ended: ${jobs.join(' ')}`;
  if (words !== undefined || !watch.answered()) {
    return new SandboxctlError('tool', {
      what: `Slurm does not answer, so it is unknown whether fleet ${fleet} is stopped: ${done}${left}`,
      ...(words === undefined ? {} : { detail: words }),
      hint: `${again} when 'scontrol ping' says UP; --timeout waits longer`,
      failure: 'slurm-unreachable',
    });
  }
  return new SandboxctlError('waiting', {
    what: `jobs of fleet ${fleet} have not ended yet: ${jobs.join(' ') || 'a submission is unconfirmed'}`,
    hint: `${again}; 'squeue --me' shows their state; --timeout waits longer`,
  });
}

function nothingKnown(fleet: string, words: string, stateFolder: string): SandboxctlError {
  return new SandboxctlError('tool', {
    what: `Slurm does not answer, and the state folder has no jobs of fleet ${fleet}: it is unknown whether any are running`,
    detail: words,
    hint: `run 'sandboxctl stop --fleet ${fleet}' again when 'scontrol ping' says UP; the state folder is ${stateFolder} (SANDBOXCTL_STATE_DIR)`,
    failure: 'slurm-unreachable',
  });
}

function unrecorded(fleet: string, error: unknown): string {
  const again = `once it can, run 'sandboxctl stop --fleet ${fleet}' again, or the fleet still counts as deployed`;
  return `this stop cannot be recorded (${messageOf(error)}): the jobs are cancelled all the same; ${again}`;
}
