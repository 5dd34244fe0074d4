import { hostname } from 'node:os';
import type { Config } from '../config/settings.js';
import { keepFleet } from '../control/keeper.js';
import { SandboxctlError } from '../errors.js';
import { acquireLock, describeOwner, type Lock, type Owner } from '../files/lock.js';
import { chooseFleet } from '../state/choose-fleet.js';
import { type KeeperPlace, type KeeperStore, keeperStore } from '../state/keeper.js';
import { type FleetStore, fleetStore } from '../state/store.js';
import { absentFleet } from './absent-fleet.js';
import { clusterOf } from './cluster.js';
import type { Context } from './context.js';
import { KEEPER_PURPOSE } from './fleet-lock.js';
import { keepDetached } from './keep/detached.js';

export interface KeepOptions {
  flags: Readonly<Record<string, unknown>>;
  /** Where the keeper runs. */
  on?: string | undefined;
  /** Return once a background process keeps the fleet. */
  detach: boolean;
  /** One round, for cron. */
  once: boolean;
}

/** Holds a fleet at its spec until it is stopped: replaces jobs that ended, and keeps the endpoints up to date. */
export async function keep(context: Context, options: KeepOptions): Promise<void> {
  rejectOdd(options);
  const { config } = await context.config(options.flags);
  const fleet = await chooseFleet(context);
  const store = fleetStore(context.stateFolder, fleet);
  const keeper = keeperStore(context.stateFolder, fleet);
  await rejectAbsent(context, store);
  const place: KeeperPlace = options.once ? 'once' : 'here';
  if (options.detach) {
    const { host, pid } = await keepDetached(context, keeper, fleet, options.flags);
    context.io.stderr.line(`keeping fleet ${fleet}: pid ${pid} on ${host}, log ${keeper.files.log}`);
    return;
  }
  const lock = await takeKeeperLock(context, keeper, fleet);
  try {
    await keeper.writeRequest({
      schema_version: 1,
      place,
      since: new Date(context.clock.now()).toISOString(),
    });
    await runKeeper(context, { config, store, keeper, lock, place });
  } finally {
    await lock.release();
  }
}

async function runKeeper(
  context: Context,
  work: { config: Config; store: FleetStore; keeper: KeeperStore; lock: Lock; place: KeeperPlace },
): Promise<void> {
  const { config, store, keeper, lock, place } = work;
  const { fleet } = store;
  const reporter = context.reporter({ json: config.json, fleet });
  const scheduler = await context.scheduler(await clusterOf(context, fleet, config));
  try {
    const ended = await keepFleet({
      ...{ store, keeper, scheduler, clock: context.clock, signal: context.signal },
      cluster: () => scheduler.facts(),
      confirmGoneAfterMs: config.settle * 1000,
      drain: config.drain,
      show: reporter,
      self: { place, host: hostname(), pid: process.pid, job_id: null },
      takeLock: () => takeTurn(context, store, lock),
      once: place === 'once',
      cwd: context.stateFolder,
    });
    if (ended !== 'done') await keeper.removeRecord();
    // Ctrl-C: nobody wants it kept any more. A SIGTERM may be a reboot.
    if (isInterrupt(context.signal)) await keeper.removeRequest();
  } finally {
    reporter.close();
  }
}

/** The fleet's lock, for which a keeper waits as long as a command holds it. */
async function takeTurn(context: Context, store: FleetStore, keeperLock: Lock): Promise<Lock | undefined> {
  const { signal } = context;
  const lock = await acquireLock(store.folders.lock, { purpose: KEEPER_PURPOSE, signal, onHeld: () => true });
  if (lock === undefined || (await keeperLock.confirm())) return lock;
  await lock.release();
  throw new SandboxctlError('locked', {
    what: `another keeper took over fleet ${store.fleet} while this one was suspended`,
    hint: "'sandboxctl status' shows who keeps the fleet",
  });
}

/** One keeper acts at a time. Throws kind `locked` where another one does. */
async function takeKeeperLock(context: Context, keeper: KeeperStore, fleet: string): Promise<Lock> {
  let holder: Owner | undefined;
  const { signal } = context;
  const lock = await acquireLock(keeper.files.lock, {
    ...{ purpose: KEEPER_PURPOSE, signal },
    onHeld: (owner) => {
      holder = owner;
      return false;
    },
  });
  if (lock !== undefined) return lock;
  signal.throwIfAborted();
  throw new SandboxctlError('locked', {
    what: `fleet ${fleet} has a keeper already`,
    detail: holder === undefined ? 'its lock is held' : describeOwner(holder),
    hint: "'sandboxctl status' shows it; 'sandboxctl stop' ends the fleet and its keeper",
  });
}

function isInterrupt({ reason }: AbortSignal): boolean {
  return reason instanceof SandboxctlError && reason.kind === 'interrupted';
}

function rejectOdd({ on = 'here', detach, once }: KeepOptions): void {
  if (on === 'here' && !(once && detach)) return;
  throw new SandboxctlError('usage', {
    what: once && detach ? '--once and --detach exclude each other' : `--on takes here, not '${on}'`,
    hint: "see 'sandboxctl keep --help'",
  });
}

async function rejectAbsent(context: Context, store: FleetStore): Promise<void> {
  const spec = await store.readSpec();
  if (spec === undefined) throw await absentFleet(context.stateFolder, store.fleet);
  if (spec.nodes > 0) return;
  throw new SandboxctlError('absent', {
    what: `fleet ${store.fleet} is stopped, so there is nothing to keep`,
    hint: `'sandboxctl deploy --fleet ${store.fleet} --nodes N --keep' deploys it again and keeps it`,
  });
}
