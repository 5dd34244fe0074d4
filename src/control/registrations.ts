import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../files/atomic.js';
import type { Registered } from '../fleet/decide.js';
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
  nonce: z.string(),
  cpus: z.number().int(),
  state: z.enum(['starting', 'ready', 'unhealthy', 'gone']),
  exit_code: z.number().int().nullable(),
  /** Absolute path of the job's log on the shared file system. */
  log: z.string(),
  beat: z.number().int(),
});

export type Registration = z.infer<typeof registrationSchema>;

/** What one job's file says; undefined where there is none or it is no registration. */
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
/** A ready server's file is read this often; one that is not ready at every look. */
const READY_LOOK_MS = 2_000;

interface Seen {
  registration: Registration;
  /** When its beat was last seen to change, on our own clock. */
  changedAt: number;
  lookedAt: number;
}

/** Reads a fleet's registrations again and again, and knows which of them stand still. */
export function registrationWatch(store: FleetStore) {
  const seen = new Map<string, Seen>();
  return {
    async look(now: number): Promise<ReadonlyMap<string, Registered>> {
      const names = await store.listRegistrations();
      await Promise.all(names.map((name) => lookAt(name, now)));
      for (const name of seen.keys()) if (!names.includes(name)) seen.delete(name);
      return new Map([...seen.values()].map((one) => [one.registration.job_id, registered(one, now)]));
    },
    log: (jobId: string) => seen.get(`${jobId}.json`)?.registration.log,
    exitCode: (jobId: string) => seen.get(`${jobId}.json`)?.registration.exit_code ?? null,
  };

  async function lookAt(name: string, now: number): Promise<void> {
    const known = seen.get(name);
    const slow = known?.registration.state === 'ready' || known?.registration.state === 'gone';
    if (slow && now - known.lookedAt < READY_LOOK_MS) return;
    const registration = await readRegistration(join(store.folders.registrations, name));
    if (registration === undefined) return;
    const moved =
      known?.registration.beat !== registration.beat || known.registration.nonce !== registration.nonce;
    seen.set(name, { registration, changedAt: moved ? now : known.changedAt, lookedAt: now });
  }
}

function registered({ registration, changedAt }: Seen, now: number): Registered {
  return {
    jobId: registration.job_id,
    instance: registration.instance,
    node: registration.node,
    host: registration.host,
    port: registration.port,
    nonce: registration.nonce,
    cpus: registration.cpus,
    state: registration.state,
    stale: now - changedAt > STALE_MS,
  };
}
