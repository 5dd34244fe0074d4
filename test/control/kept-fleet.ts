import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { keepFleet } from '../../src/control/keeper.js';
import type { FleetEvent } from '../../src/fleet/events.js';
import type { JobFact, ListAnswer } from '../../src/fleet/job-facts.js';
import { specLine } from '../../src/fleet/spec.js';
import type { Scheduler, SubmitAnswer } from '../../src/scheduler/port.js';
import { keeperStore } from '../../src/state/keeper.js';
import { fleetStore } from '../../src/state/store.js';
import { folder } from '../endpoints/folder.js';
import { specOf } from '../script/specs.js';

const FLEET = 'sandbox';
const LIMIT_S = 4 * 86_400;
/** A job rewrites its registration this often. Seconds; the test's own clock. */
const BEAT_S = 30;

/** A fleet on a cluster of the test's own, with its clock: jobs start at once, and their servers are healthy. */
export async function keptFleet(nodes: number) {
  const state = folder();
  let full = false;
  const disk = { written: async (write: () => Promise<void>) => (full ? rejectFull() : write()) };
  const store = onDisk(fleetStore(state, FLEET), disk);
  const keeper = onDisk(keeperStore(state, FLEET), disk);
  await store.prepare();
  const spec = specOf({ nodes });
  await store.writeSpec(spec);
  const options = {
    ...{ partition: null, settle: 10, drain: 0, idleStop: null },
    hooks: { ready: null, endpoints: null, failure: null },
  };
  await keeper.writeRequest({ schema_version: 1, place: 'here', since: '2026-01-01T00:00:00Z', options });
  const jobs = new Map<string, JobFact & { startedAt: number }>();
  const calls: { tool: string; at: number }[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  let number = 100;
  let beat = 0;
  let failing: string | undefined;
  let locksAreFiles = false;
  const shown: FleetEvent[] = [];
  const stopping = new AbortController();

  const called = (tool: string) => calls.push({ tool, at: now });
  const answer = (): ListAnswer => {
    called('squeue');
    if (failing !== undefined) return { ok: false, detail: failing };
    const listed = [...jobs.values()].map(({ startedAt, ...fact }) => {
      const elapsed = Math.floor((now - startedAt) / 1000);
      return { ...fact, elapsed, timeLeft: LIMIT_S - elapsed };
    });
    return { ok: true, jobs: listed };
  };

  async function submit(id: string, instances: readonly number[]): Promise<SubmitAnswer> {
    called('sbatch');
    if (failing !== undefined) return { kind: 'refused', detail: failing };
    number += 1;
    for (const instance of instances) {
      const jobId = `${number}_${instance}`;
      const tag = { fleet: FLEET, generation: 1, submission: id };
      jobs.set(jobId, {
        ...{ id: jobId, task: instance, tag, state: 'RUNNING', reason: '', node: `node${instance}` },
        ...{ timeLeft: LIMIT_S, elapsed: 0, startTime: null, startedAt: now },
        script: store.folders.script(id),
      });
    }
    await beatNow();
    return { kind: 'submitted', jobId: String(number) };
  }

  /** What every running job writes of itself. */
  async function beatNow(): Promise<void> {
    beat += 1;
    for (const { id, task, state: jobState, tag } of jobs.values()) {
      if (jobState !== 'RUNNING') continue;
      const registration = {
        ...{ schema_version: 1, job_id: id, instance: task, submission: tag.submission },
        ...{ node: `node${task}`, host: `node${task}`, addresses: [], port: 8080, nonce: id, cpus: 2 },
        ...{ state: 'ready', exit_code: null, log: '', beat, connections: 0 },
      };
      await writeFile(`${store.folders.registrations}/${id}.json`, JSON.stringify(registration));
    }
  }

  const facts = async () => ({
    ...{ nodes: [], partitions: [], maxArraySize: 1001, name: null, needsAccount: false },
  });
  const scheduler = {
    facts: async () => {
      called('sinfo');
      return facts();
    },
    list: async () => answer(),
    submit: async ({ submission }) => submit(submission.id, submission.instances.map(Number)),
    cancel: async (ids) => {
      called('scancel');
      for (const id of ids) setState(id, 'CANCELLED');
      return { ok: true };
    },
    endings: async () => new Map(),
    script: async () => specLine(spec, { id: 's', offset: 0 }),
    reservations: async () => [],
  } satisfies Partial<Scheduler> as unknown as Scheduler;

  function setState(id: string, jobState: string): void {
    const known = jobs.get(id);
    if (known !== undefined) jobs.set(id, { ...known, state: jobState });
  }

  let beatAt = now;
  let watchers: { at: number; wake: () => void }[] = [];
  const lock = { held: () => true, confirm: async () => true, release: async () => undefined };
  const ended = keepFleet({
    ...{ store, keeper, scheduler, once: false, cwd: state },
    settings: () => ({ drain: 0, confirmGoneAfterMs: 10_000 }),
    clock: {
      now: () => now,
      async sleep(ms) {
        // A keeper that has nothing to do pauses for a second: five at once make an hour short.
        now += ms < 1_000 ? ms : 5 * ms;
        if (now - beatAt >= BEAT_S * 1000) {
          beatAt = now;
          await beatNow();
        }
        // Reading files takes real time.
        await pause(1);
        const due = watchers.filter(({ at }) => at <= now);
        watchers = watchers.filter(({ at }) => at > now);
        for (const { wake } of due) wake();
      },
    },
    signal: stopping.signal,
    cluster: () => scheduler.facts(),
    probe: async () => ({ ok: true }),
    show: { event: (event) => void shown.push(event), view: () => undefined },
    self: { place: 'here', host: 'test', pid: process.pid, job_id: null },
    takeLock: async () => (full && locksAreFiles ? rejectFull() : lock),
  });

  return {
    store,
    keeper,
    spec,
    jobs,
    calls,
    ended,
    now: () => now,
    setState,
    fail: (words: string | undefined) => {
      failing = words;
    },
    /** `locks`: there is not even space for a lock. */
    fillDisk: ({ locks }: { locks: boolean }) => {
      full = true;
      locksAreFiles = locks;
    },
    freeDisk: () => {
      full = false;
    },
    /** What the keeper's log would have. */
    shown,
    /** Waits until so much of the test's time has passed. */
    passed: (seconds: number) =>
      new Promise<void>((wake) => {
        watchers.push({ at: now + seconds * 1000, wake });
      }),
    events: async () =>
      (await readFile(store.folders.events, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as FleetEvent),
    async stop() {
      stopping.abort();
      return ended;
    },
  };
}

const rejectFull = () =>
  Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));

/** The store on a disk that takes files or not. */
function onDisk<S extends object>(store: S, disk: { written(write: () => Promise<void>): Promise<void> }): S {
  const writes = Object.entries(store).filter(([name]) => /^(write|append)/.test(name));
  const guarded = writes.map(([name, write]) => [
    name,
    (...args: unknown[]) => disk.written(() => (write as (...args: unknown[]) => Promise<void>)(...args)),
  ]);
  return { ...store, ...Object.fromEntries(guarded) };
}
