import { messageOf } from '../errors.js';
import { isUnwritable } from '../files/atomic.js';
import type { Lock } from '../files/lock.js';
import { readLockFile } from '../files/lock-file.js';
import type { Decision } from '../fleet/decide.js';
import type { EventBody } from '../fleet/events.js';
import type { Facts } from '../fleet/facts.js';
import { allProbed, allSubmitted } from '../fleet/finished.js';
import type { Spec } from '../fleet/spec.js';
import type { KeeperStore, KeepRequest } from '../state/keeper.js';
import { formatDuration } from '../text/duration.js';
import { newsOnly } from './event-news.js';
import { type ControllerDeps, type ControllerMemory, openFleetController } from './fleet-controller.js';
import type { IdleWatch } from './idle-watch.js';
import { type KeeperSelf, keeperRecord } from './keeper-record.js';
import { damagedRequest, type KeeperTrouble, keeperTrouble, lostSpec } from './keeper-trouble.js';
import { specSubmitter } from './spec-submitter.js';
import { type Turns, watchTurns } from './turns.js';

/** The pause after a failed session, doubled with each failure in a row. Milliseconds. */
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;
/** How long a command that requested the lock has to take it. Milliseconds. */
const HANDOVER_MS = 5_000;
const POLL_MS = 100;
/** Interval of cleaning up the state folder. Milliseconds. */
const TIDY_MS = 3_600_000;

/** How a session works. */
export interface KeeperSettings extends Pick<ControllerDeps, 'confirmGoneAfterMs' | 'drain'> {
  /** Left out where an idle fleet is kept, too. */
  idle?: { watch: IdleWatch; seconds: number; record: (nodes: number) => Promise<void> };
}

export interface KeeperDeps
  extends Omit<ControllerDeps, 'lock' | 'onInterrupt' | 'confirmGoneAfterMs' | 'drain'> {
  keeper: KeeperStore;
  self: KeeperSelf;
  /** Waits for the fleet's lock; undefined if interrupted. Throws kind `locked` if another keeper took over. */
  takeLock: () => Promise<Lock | undefined>;
  /** What the request asks for, read anew at each session. */
  settings: (request: KeepRequest) => KeeperSettings;
  once: boolean;
  cwd: string;
  /** Called at least once a second, between two rounds; must not wait. */
  onTick?: () => void;
  /** Fires when the successor of this keeper has started. */
  replaced?: AbortSignal;
}

/**
 * `stopped`: the fleet is not to be kept any more. `idle`: this keeper has stopped the fleet. `done`: the single
 * round is over. `replaced`: a successor has taken over.
 */
export type KeeperEnd = 'stopped' | 'idle' | 'interrupted' | 'done' | 'replaced';

/**
 * Keeps a fleet at its spec until it is stopped or the signal fires. Works in sessions under the fleet's lock. A
 * session ends when another command requests the lock; the next one reads what that command has changed.
 */
export async function keepFleet(deps: KeeperDeps): Promise<KeeperEnd> {
  const { clock } = deps;
  const replaced = deps.replaced ?? new AbortController().signal;
  const signal = AbortSignal.any([deps.signal, replaced]);
  const record = keeperRecord(deps.keeper, deps.self, clock.now);
  await record.write();
  const trouble = keeperTrouble({ now: clock.now, canWrite: record.write });
  const memory: ControllerMemory = { ended: new Set(), unwritten: [] };
  const keep = keeperSessions({ ...deps, show: newsOnly(deps.show), memory }, record, trouble);
  let failures = 0;
  while (!signal.aborted) {
    const turns = await watchTurns(deps.keeper.turn, clock.now);
    let lock: Lock | undefined;
    try {
      lock = await deps.takeLock();
      if (lock === undefined) break;
      // `stop` removes it, even on a full disk.
      const request = await deps.keeper.readRequest();
      if (request === undefined) {
        if (await deps.keeper.isRequested())
          throw damagedRequest(deps.store.fleet, deps.keeper.files.request);
        return 'stopped';
      }
      const ended = await keep({ signal, ...deps.settings(request) }, lock, turns);
      failures = 0;
      memory.ended.clear();
      if (ended !== 'yielded') return ended;
    } catch (error) {
      if (deps.once || (lock === undefined && !isUnwritable(error))) throw error;
      failures += 1;
      const event = trouble.report(error);
      if (event !== undefined) show(event);
      await record.problem(messageOf(error));
    } finally {
      await lock?.release();
    }
    if (turns.signal.aborted) await handOver();
    else if (failures > 0)
      await clock.sleep(Math.min(RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS), signal);
  }
  return replaced.aborted ? 'replaced' : 'interrupted';

  /** Without the fleet's lock, events are shown and not written. */
  function show(event: EventBody): void {
    const time = new Date(clock.now()).toISOString();
    deps.show.event({ schema_version: 1, time, fleet: deps.store.fleet, ...event });
  }

  /** Lets the requesting command take the lock, before this keeper competes for it again. */
  async function handOver(): Promise<void> {
    const until = clock.now() + HANDOVER_MS;
    while (clock.now() < until && !signal.aborted) {
      if ((await readLockFile(deps.store.folders.lock)) !== undefined) return;
      await clock.sleep(POLL_MS, signal);
    }
  }
}

function keeperSessions(
  common: KeeperDeps & { memory: ControllerMemory },
  record: ReturnType<typeof keeperRecord>,
  trouble: KeeperTrouble,
) {
  const { clock, self, once } = common;
  let announced = once;
  let tidiedAt = clock.now();

  return async (
    session: KeeperSettings & Pick<KeeperDeps, 'signal'>,
    lock: Lock,
    turns: Turns,
  ): Promise<KeeperEnd | 'yielded'> => {
    const deps = { ...common, ...session };
    const signal = AbortSignal.any([deps.signal, turns.signal]);
    let answeredAt: () => number | undefined = () => undefined;
    const sleep = (ms: number, until?: AbortSignal) => {
      turns.check();
      deps.onTick?.();
      record.looked(answeredAt());
      return clock.sleep(ms, until);
    };
    const controller = await openFleetController({
      ...deps,
      ...{ lock, signal, onInterrupt: () => undefined, clock: { now: clock.now, sleep } },
    });
    const { watch, emit } = controller;
    answeredAt = watch.jobs.answeredAt;
    try {
      if (!(await controller.firstAnswer())) return 'yielded';
      const spec = watch.spec();
      if (spec === undefined) throw lostSpec(deps.store.fleet);
      if (!announced && spec.nodes > 0) emit({ type: 'keeper', reason: started(spec, self) });
      announced = true;
      const settled = (facts: Facts) =>
        watch.unconfirmed().length === 0 && [...facts.jobs.values()].every(isSettled);
      const over = (decision: Decision, facts: Facts) => {
        void record.problem(null);
        void trouble.check().then((event) => event && emit(event));
        if (clock.now() - tidiedAt >= TIDY_MS) {
          tidiedAt = clock.now();
          controller.tidy().catch((error: unknown) => void record.problem(messageOf(error)));
        }
        deps.idle?.watch.check(decision.instances);
        if (deps.idle?.watch.isIdle()) return true;
        if (spec.nodes === 0) return decision.surplus.length === 0 && settled(facts);
        return deps.once && allSubmitted(decision) && allProbed(decision, facts) && settled(facts);
      };
      await controller.run(spec.nodes === 0 ? { spec, until: over } : await goalOf(deps, spec, over));
      // A single round may end before any pause has recorded it.
      record.looked(answeredAt());
      if (signal.aborted) return 'yielded';
      if (deps.idle?.watch.isIdle() && spec.nodes > 0) {
        await deps.idle.record(spec.nodes);
        const stopped = { ...spec, nodes: 0, generation: spec.generation + 1 };
        await deps.store.writeSpec(stopped);
        const words = `the keeper stops the fleet, since it has run nothing for ${formatDuration(deps.idle.seconds)} (--idle-stop); the next exec or deploy starts it again`;
        emit({ type: 'keeper', reason: words });
        const until = ({ surplus }: Decision, facts: Facts) => surplus.length === 0 && settled(facts);
        await controller.run({ spec: stopped, until });
        return signal.aborted ? 'yielded' : 'idle';
      }
      if (!deps.once) emit({ type: 'keeper', reason: 'the keeper has ended, since the fleet is stopped' });
      return spec.nodes === 0 ? 'stopped' : 'done';
    } catch (error) {
      const event = trouble.report(error);
      if (event !== undefined) emit(event);
      throw error;
    } finally {
      await controller.close();
      await record.flush();
    }
  };
}

async function goalOf(
  { store, scheduler, cwd, clock, cluster }: KeeperDeps,
  spec: Spec,
  until: (decision: Decision, facts: Facts) => boolean,
) {
  const deps = { store, scheduler, cluster: await cluster(), cwd, now: clock.now };
  return { spec, submitter: await specSubmitter(deps, spec), until, keeps: true };
}

/** A job that is missing from one answer may be listed in the next. */
function isSettled({ missingSince, gone }: { missingSince: number | null; gone: boolean }): boolean {
  return missingSince === null || gone;
}

function started({ fleet, nodes }: Spec, { place, host, pid, job_id }: KeeperSelf): string {
  const where = place === 'job' ? `job ${job_id} on ${host}` : `pid ${pid} on ${host}`;
  return `a keeper (${where}) keeps fleet ${fleet} at ${nodes === 1 ? '1 server' : `${nodes} servers`} from now on`;
}
