import { openSession } from '../control/session.js';
import { messageOf, SandboxctlError } from '../errors.js';
import { failure } from '../fleet/events.js';
import { nothingOf, type Spec } from '../fleet/spec.js';
import { chooseFleet } from '../state/choose-fleet.js';
import { type FleetStore, fleetStore, forgivingStore } from '../state/store.js';
import { clusterOf } from './cluster.js';
import type { Context } from './context.js';
import { takeLockIfWritable } from './fleet-lock.js';

export interface StopOptions {
  flags: Readonly<Record<string, unknown>>;
}

/**
 * Cancels a fleet's jobs and waits until Slurm says that they are gone. Nothing to stop is no error. It frees
 * what others need, so a state folder that takes no writing is worth a warning and no more.
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
  const store = forgivingStore(fleetStore(context.stateFolder, fleet), onUnwritten);
  const scheduler = await context.scheduler(await clusterOf(context, fleet, config));
  const answer = await scheduler.list({ fleet });
  const asked = await store.readSpec();
  if (asked === undefined && answer.ok && answer.jobs.length === 0) {
    context.io.stderr.line(`nothing is deployed as fleet ${fleet}`);
    return;
  }
  const known = asked !== undefined && asked.nodes > 0;
  if (!known && !answer.ok && (await store.readIntents()).every(({ closed }) => closed)) {
    throw nothingKnown(fleet, answer.words, context.stateFolder);
  }
  await store.prepare();
  const lock = await takeLockIfWritable(context, store, 'stop', onUnwritten);
  try {
    const session = await openSession({
      store,
      scheduler,
      clock: context.clock,
      signal: context.signal,
      settleMs: config.settle * 1000,
      drain: config.drain,
      onInterrupt: context.onInterrupt,
      cluster: () => scheduler.facts(),
      lock,
      show: reporter,
    });
    try {
      if (!(await session.firstAnswer())) return;
      const live = [...session.watch.jobs.belief().values()].filter((job) => !job.gone);
      const before = session.watch.spec();
      if (live.length > 0 && !config.yes) {
        context.io.stderr.line(`fleet ${fleet}: ${live.map((job) => job.id).join(' ')}`);
        const question = `Cancel ${live.length === 1 ? 'this job' : `these ${live.length} jobs`}?`;
        if (!(await context.io.confirm(question))) throw refused(fleet);
      }
      await session.confirmLock();
      await session.run({
        spec: before === undefined ? nothingOf(fleet) : await keepNothing(store, before),
        until: ({ surplus }) => surplus.length === 0 && session.watch.unconfirmed().length === 0,
      });
      if (context.signal.aborted) return;
      // A full disk that takes no new list of servers lets go of the old one, which names what is gone.
      if (unwritten) await store.removeEndpoints();
      const gone = live.length === 1 ? '1 job is gone' : `${live.length} jobs are gone`;
      const words = live.length === 0 ? 'nothing was running' : gone;
      session.emit({ type: 'result', reason: `fleet ${fleet} is stopped: ${words}`, data: { exit_code: 0 } });
    } catch (error) {
      if (error instanceof SandboxctlError) session.emit(failure(error));
      throw error;
    } finally {
      await session.close();
    }
  } finally {
    reporter.close();
    await lock.release();
  }
}

/** Written down before anything is cancelled: a stop that is killed is finished by the next one. */
async function keepNothing(store: FleetStore, before: Spec): Promise<Spec> {
  if (before.nodes === 0) return before;
  const { gateway: _, ...servers } = before;
  const none = { ...servers, nodes: 0, generation: before.generation + 1 };
  await store.writeSpec(none);
  return none;
}

/** Nothing is left of it as far as is known here, and Slurm cannot be asked: there is nothing to wait for. */
function nothingKnown(fleet: string, words: string, stateFolder: string): SandboxctlError {
  return new SandboxctlError('tool', {
    what: `no jobs of fleet ${fleet} are known here, and Slurm does not answer: whether it has some is not known`,
    words,
    hint: `run 'sandboxctl stop --fleet ${fleet}' again when 'scontrol ping' says UP; fleets are looked for in ${stateFolder}/fleets (SANDBOXCTL_STATE_DIR)`,
  });
}

function unrecorded(fleet: string, error: unknown): string {
  const again = `run 'sandboxctl stop --fleet ${fleet}' again once it can, or the fleet still counts as wanted`;
  return `this stop cannot be written down (${messageOf(error)}): the jobs end all the same; ${again}`;
}

function refused(fleet: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what: 'nothing was stopped',
    hint: `'sandboxctl status --fleet ${fleet}' shows what is running`,
  });
}
