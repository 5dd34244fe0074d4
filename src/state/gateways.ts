import { watch } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { readIfThere } from '../files/atomic.js';
import { endedHere } from '../files/lock-file.js';
import type { GatewayReport } from '../fleet/drain.js';
import { z } from '../vendor/zod.js';
import type { FleetStore } from './store.js';

const countsSchema = z.record(z.string(), z.number().int());
/** Which slots of the servers a gateway holds, has given away and has received (src/gateway/fair-share). */
const slotAccountSchema = z.object({
  member: z.string(),
  rank: z.number().int().nullable(),
  demand: z.number(),
  waiting: z.number(),
  starving: z.boolean(),
  slots: countsSchema,
  sent: z.record(z.string(), countsSchema),
  got: z.record(z.string(), countsSchema),
});

type SlotAccount = z.infer<typeof slotAccountSchema>;

const gatewaySchema = z.object({
  schema_version: z.literal(1),
  id: z.string(),
  url: z.string(),
  host: z.string(),
  pid: z.number().int(),
  job_id: z.string().nullable(),
  since: z.string(),
  auth: z.literal('bearer').nullable(),
  demand: z.number(),
  beat: z.number().int(),
  under_way: z.number().int().optional(),
  /** Servers taken out of rotation because they are to end, by job id, each with its runs in flight. */
  draining: z.record(z.string(), z.number().int()).optional(),
  /** Jobs whose server is in rotation; missing in files of older versions. */
  in_rotation: z.array(z.string()).optional(),
  account: slotAccountSchema.optional(),
});

export type GatewayRegistration = z.infer<typeof gatewaySchema>;

export interface GatewayNow {
  demand: number;
  under_way: number;
  draining: Record<string, number>;
  in_rotation: string[];
  account: SlotAccount;
}

const BEAT_MS = 2_000;
/** The same while requests wait somewhere. Milliseconds. */
const BUSY_BEAT_MS = 1_000;
const DRAINING_BEAT_MS = 250;
/** A gateway whose file is older counts as dead, and its slots are free. Milliseconds. */
const STALE_MS = 15_000;
/** A gateway that could not publish for this long uses no slot any more; less than the above by NFS's delay. */
export const LEASE_MS = 12_000;
/** A folder on NFS may leave out a file that is being replaced. Milliseconds. */
const MISSING_MS = 2 * BEAT_MS;

async function readGateway(path: string): Promise<GatewayRegistration | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return gatewaySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function readGateways(store: FleetStore): Promise<GatewayRegistration[]> {
  const names = await store.listGateways();
  const read = await Promise.all(names.map((name) => readGateway(join(store.folders.gateways, name))));
  return read.filter((each) => each !== undefined);
}

export function gatewayId(url: string): string {
  return `${hostname()}-${new URL(url).port}`.replace(/[^\w.-]/g, '_');
}

/**
 * Publishes a gateway in the fleet's folder and follows the others. When `signal` fires it removes its file. A
 * failure is reported once and retried.
 */
export async function shareWithGateways(deps: {
  store: FleetStore;
  self: Omit<GatewayRegistration, 'schema_version' | 'beat' | keyof GatewayNow>;
  joining: SlotAccount;
  state: (others: readonly SlotAccount[]) => Promise<GatewayNow>;
  /** Called when others can read that account; `at`: when writing it started. */
  onPublished: (account: SlotAccount, at: number) => void;
  now: () => number;
  pause: (ms: number) => Promise<void>;
  signal: AbortSignal;
  onFailure: (words: string) => void;
}): Promise<void> {
  const { store, self, signal, now } = deps;
  const others = new Liveness();
  let failure = '';
  let beat = 0;
  let told = '';
  let toldAt = Number.NEGATIVE_INFINITY;
  const write = async (state: GatewayNow) => {
    beat += 1;
    const at = now();
    [told, toldAt] = [newsIn(state), at];
    await store.writeGateway(self.id, { schema_version: 1, ...self, ...state, beat });
    deps.onPublished(state.account, at);
  };
  let begun = false;
  while (!signal.aborted) {
    let pause = BEAT_MS;
    try {
      if (!begun)
        await write({ demand: 0, under_way: 0, draining: {}, in_rotation: [], account: deps.joining });
      begun = true;
      const live = others.live(await readGateways(store), now()).filter(({ id }) => id !== self.id);
      const accounts = live.flatMap(({ account }) => account ?? []);
      const state = await deps.state(accounts);
      if ([state.account, ...accounts].some(({ waiting }) => waiting > 0)) pause = BUSY_BEAT_MS;
      if (Object.keys(state.draining).length > 0) pause = DRAINING_BEAT_MS;
      // Others' updates wake this one too; only news need be written.
      if (newsIn(state) !== told || now() - toldAt >= 0.9 * pause) await write(state);
      failure = '';
    } catch (error) {
      if (messageOf(error) !== failure) deps.onFailure(messageOf(error));
      failure = messageOf(error);
    }
    await deps.pause(pause);
  }
  await store.removeGateway(self.id).catch(() => undefined);
}

function newsIn({ draining, under_way, in_rotation, account }: GatewayNow): string {
  const { member, rank, slots, sent, got, waiting, starving } = account;
  const drains = Object.keys(draining).length > 0 ? [draining, under_way] : [];
  return JSON.stringify([member, rank, slots, sent, got, waiting > 0, starving, drains, in_rotation]);
}

/** For writes on this machine: NFS sends no notifications. The function returned ends it. */
export function watchGateways(store: FleetStore, selfId: string, onChange: () => void): () => void {
  try {
    const watcher = watch(store.folders.gateways, { persistent: false }, (_event, name) => {
      if (name?.startsWith(selfId) !== true) onChange();
    });
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

export function gatewayWatch(store: FleetStore, now: () => number) {
  const liveness = new Liveness();
  const registrations = async () => liveness.live(await readGateways(store), now());
  return {
    /** The live gateways, by their own files. */
    registrations,
    live: async (): Promise<GatewayReport[]> =>
      (await registrations()).map(({ job_id, under_way, draining, in_rotation }) => ({
        jobId: job_id,
        underWay: under_way ?? null,
        draining: new Map(Object.entries(draining ?? {})),
        inRotation: in_rotation === undefined ? null : new Set(in_rotation),
      })),
  };
}

class Liveness {
  private readonly seen = new Map<string, { last: GatewayRegistration; movedAt: number; readAt: number }>();

  live(all: readonly GatewayRegistration[], now: number): GatewayRegistration[] {
    for (const each of all) {
      const known = this.seen.get(each.id);
      const moved = known === undefined || beatOf(known.last) !== beatOf(each);
      this.seen.set(each.id, { last: each, movedAt: moved ? now : known.movedAt, readAt: now });
    }
    const live: GatewayRegistration[] = [];
    for (const [id, { last, movedAt, readAt }] of this.seen) {
      if (now - movedAt < STALE_MS && now - readAt < MISSING_MS && !endedHere(last)) live.push(last);
      else if (now - readAt >= STALE_MS) this.seen.delete(id);
    }
    return live;
  }
}

function beatOf({ since, beat }: GatewayRegistration): string {
  return `${since} ${beat}`;
}
