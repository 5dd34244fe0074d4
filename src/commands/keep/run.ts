import { hostname } from 'node:os';
import { type IdleWatch, idleWatch } from '../../control/idle-watch.js';
import { keepFleet } from '../../control/keeper.js';
import { submitKeeperJob } from '../../control/keeper-job.js';
import { keeperSuccession } from '../../control/keeper-succession.js';
import { askRunCounts } from '../../control/run-counts.js';
import { watchTurns } from '../../control/turns.js';
import { SandboxctlError } from '../../errors.js';
import { acquireLock, type Lock } from '../../files/lock.js';
import type { KeepRequest } from '../../state/keeper.js';
import type { FleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { KEEPER_PURPOSE } from '../fleet-lock.js';
import type { Kept } from '../keep.js';
import { fleetHooks, withHooks } from './hooks.js';
import { keeperLock, takeKeeperLock } from './lock.js';

export type Start = { request: KeepRequest; json: boolean } & (
  | { place: 'job'; jobId: string }
  | { place: 'here' | 'once' }
);

export async function runKeeper(context: Context, kept: Kept, start: Start): Promise<void> {
  const { store, keeper } = kept;
  const { fleet } = store;
  const lock = await lockFor(context, kept, start);
  if (lock === undefined) return;
  const reporter = context.reporter({ json: start.json, fleet });
  let { hooks: commands } = start.request.options;
  const hooks = fleetHooks(context, keeper, () => commands);
  const idle = idleStopper(context, kept);
  try {
    const { idle: _, ...request } = start.request;
    await keeper.writeRequest(request);
    const succession =
      start.place === 'job' ? await succeeding(context, kept, request, start.jobId, lock) : undefined;
    const ended = await keepFleet({
      ...{ store, keeper, scheduler: kept.scheduler, clock: context.clock, signal: context.signal },
      cluster: () => kept.scheduler.facts(),
      settings: (now) => {
        commands = now.options.hooks;
        const { settle, drain, idleStop } = now.options;
        return {
          ...{ confirmGoneAfterMs: settle * 1000, drain },
          ...(idleStop === null ? {} : { idle: idle(now, idleStop) }),
        };
      },
      show: withHooks(reporter, hooks),
      self: {
        place: start.place,
        host: hostname(),
        pid: process.pid,
        job_id: start.place === 'job' ? start.jobId : null,
      },
      takeLock: () => takeTurn(context, store, lock),
      once: start.place === 'once',
      cwd: context.stateFolder,
      ...succession,
    });
    if (ended === 'stopped' || ended === 'idle') await keeper.removeRecord();
    // Ctrl-C ends the keeping for good. A SIGTERM may be a reboot or a time limit.
    if (ended === 'interrupted' && isInterrupt(context.signal)) {
      await keeper.removeRequest();
      await keeper.removeRecord();
    } else if (ended === 'interrupted') await succession?.beforeEnd();
  } finally {
    await hooks.flush();
    reporter.close();
    await lock.release();
  }
}

/** Watches whether the fleet is idle, from one session of the keeper to the next. */
function idleStopper({ clock }: Context, { keeper }: Kept) {
  let last: { seconds: number; watch: IdleWatch } | undefined;
  return (request: KeepRequest, seconds: number) => {
    if (last?.seconds !== seconds)
      last = { seconds, watch: idleWatch({ idleMs: seconds * 1000, now: clock.now, ask: askRunCounts }) };
    const record = (nodes: number) => {
      const idle = { since: new Date(clock.now()).toISOString(), nodes, host: hostname() };
      return keeper.writeRequest({ ...request, idle });
    };
    return { ...last, record };
  };
}

/** A keeper's job waits for the keeper before it, and asks it to end. */
function lockFor(context: Context, { keeper, store }: Kept, start: Start): Promise<Lock | undefined> {
  if (start.place !== 'job') return takeKeeperLock(context, keeper, store.fleet);
  return keeperLock(context, keeper, () => {
    void keeper.handover.ask().catch(() => undefined);
    return true;
  });
}

async function succeeding(context: Context, kept: Kept, request: KeepRequest, jobId: string, lock: Lock) {
  const { store, keeper, scheduler } = kept;
  const { now } = context.clock;
  const { stateFolder, io } = context;
  const deps = { store, keeper, scheduler, stateFolder, cluster: () => scheduler.facts(), now };
  const handover = await watchTurns(keeper.handover, now);
  const succession = keeperSuccession({
    ...{ jobId, fleet: store.fleet, scheduler, now },
    submit: async () => {
      const spec = (await store.readSpec()) ?? kept.spec;
      if (!(await lock.confirm())) throw keeperTookOver(store.fleet);
      const id = await submitKeeperJob(deps, spec, request.options);
      io.stderr.line(`submitted job ${id ?? '(sbatch gave no clear answer)'}, the successor of this keeper`);
      return id;
    },
    onProblem: (words) => io.stderr.line(`warning: no successor for this keeper yet: ${words}`),
  });
  return {
    beforeEnd: succession.beforeEnd,
    replaced: handover.signal,
    onTick: () => {
      handover.check();
      succession.check();
    },
  };
}

async function takeTurn(context: Context, store: FleetStore, keeperLock: Lock): Promise<Lock | undefined> {
  const { signal } = context;
  const lock = await acquireLock(store.folders.lock, { purpose: KEEPER_PURPOSE, signal, onHeld: () => true });
  if (lock === undefined || (await keeperLock.confirm())) return lock;
  await lock.release();
  throw keeperTookOver(store.fleet);
}

function keeperTookOver(fleet: string): SandboxctlError {
  return new SandboxctlError('locked', {
    what: `another keeper took over fleet ${fleet} while this one was suspended`,
    hint: "'sandboxctl status' shows who keeps the fleet",
  });
}

function isInterrupt({ reason }: AbortSignal): boolean {
  return reason instanceof SandboxctlError && reason.kind === 'interrupted';
}
