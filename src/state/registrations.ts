import { join } from 'node:path';
import { readIfThere } from '../files/atomic.js';
import type { Registered } from '../fleet/facts.js';
import { slotOf } from '../fleet/slot.js';
import { z } from '../vendor/zod.js';
import type { FleetStore } from './store.js';

const registrationSchema = z.looseObject({
  schema_version: z.literal(1),
  job_id: z.string(),
  instance: z.number().int(),
  submission: z.string(),
  node: z.string(),
  host: z.string(),
  addresses: z.array(z.string()),
  port: z.number().int(),
  /** Empty if there is a secret: older versions compare with it. */
  nonce: z.string(),
  /** Missing for SandboxFusion, and in files of older versions. */
  secret: z.string().optional(),
  cpus: z.number().int(),
  state: z.enum(['starting', 'ready', 'unhealthy', 'draining', 'gone']),
  exit_code: z.number().int().nullable(),
  log: z.string(),
  beat: z.number().int(),
  connections: z.number().int().optional(),
});

export type Registration = z.infer<typeof registrationSchema>;

export async function readRegistration(path: string): Promise<Registration | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return registrationSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A job refreshes its registration every 5 s, a wedged server's every 10 s later; six missed are no accident. */
const STALE_MS = 60_000;
const READY_POLL_MS = 2_000;
/** Our own health checks show that it became ready; only a failure needs its file. */
const STARTING_POLL_MS = 500;

interface Seen {
  registration: Registration;
  changedAt: number;
  moved: boolean;
  readAt: number;
}

/** Reads registrations repeatedly and detects stale ones. `onNews`: called for each that changed. */
export function registrationWatch(store: FleetStore, onNews: () => void) {
  const seen = new Map<string, Seen>();
  const reading = new Set<string>();
  let first: Promise<void> | undefined;
  let begun = false;
  let listing = false;
  let broken: { error: unknown } | undefined;

  return {
    /**
     * What is known at `now`. Only the first call waits for reads: on a busy node one can take a second. The files of
     * jobs that are not live are not read again. Throws what a read threw.
     */
    async snapshot(
      now: number,
      isLive: (jobId: string) => boolean,
    ): Promise<ReadonlyMap<string, Registered>> {
      if (!listing) {
        const all = readAll(now, isLive).catch((error: unknown) => {
          broken = { error };
        });
        first ??= all;
      }
      await first;
      if (broken !== undefined) throw broken.error;
      return new Map([...seen.values()].map((one) => [one.registration.job_id, registered(one, now)]));
    },
  };

  async function readAll(now: number, isLive: (jobId: string) => boolean): Promise<void> {
    listing = true;
    const names = await store.listRegistrations().finally(() => {
      listing = false;
    });
    const there = new Set(names);
    for (const name of seen.keys()) if (!there.has(name)) seen.delete(name);
    const due = names.filter((name) => {
      const known = seen.get(name);
      return known === undefined || now - known.readAt >= readInterval(known.registration, isLive);
    });
    await Promise.all(due.map((name) => read(name, now)));
    begun = true;
  }

  async function read(name: string, now: number): Promise<void> {
    if (reading.has(name)) return;
    reading.add(name);
    const registration = await readRegistration(join(store.folders.registrations, name)).finally(() =>
      reading.delete(name),
    );
    if (registration === undefined) return;
    const known = seen.get(name);
    const rerun =
      known?.registration.nonce !== registration.nonce || known.registration.secret !== registration.secret;
    const changed = rerun || known.registration.beat !== registration.beat;
    const moved = known === undefined ? begun : known.moved || changed;
    seen.set(name, { registration, changedAt: changed ? now : known.changedAt, moved, readAt: now });
    if (rerun || known.registration.state !== registration.state) onNews();
  }
}

function readInterval({ state, job_id }: Registration, isLive: (jobId: string) => boolean): number {
  if (state === 'gone' && !isLive(job_id)) return Number.POSITIVE_INFINITY;
  return state === 'ready' || state === 'gone' ? READY_POLL_MS : STARTING_POLL_MS;
}

function registered({ registration, changedAt, moved }: Seen, now: number): Registered {
  return {
    jobId: registration.job_id,
    submission: registration.submission,
    instance: slotOf(registration.instance),
    node: registration.node,
    host: registration.host,
    port: registration.port,
    nonce: registration.nonce,
    secret: registration.secret,
    cpus: registration.cpus,
    state: registration.state,
    beat: registration.beat,
    connections: registration.connections ?? null,
    stale: now - changedAt > STALE_MS,
    unrefreshed: !moved,
  };
}
