import { hostname } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.js';
import { readIfThere } from '../files/atomic.js';
import { endedHere } from '../files/lock-file.js';
import type { GatewayReport } from '../fleet/drain.js';
import { z } from '../vendor/zod.js';
import type { FleetStore } from './store.js';

const gatewaySchema = z.object({
  schema_version: z.literal(1),
  id: z.string(),
  url: z.string(),
  host: z.string(),
  pid: z.number().int(),
  job_id: z.string().nullable(),
  /** ISO time at which it began. */
  since: z.string(),
  auth: z.literal('bearer').nullable(),
  demand: z.number(),
  beat: z.number().int(),
  /** Requests without an answer yet. This key and the next are missing in files of older versions. */
  under_way: z.number().int().optional(),
  /** Servers taken out of rotation because they are to end, by job id, each with its runs in flight. */
  draining: z.record(z.string(), z.number().int()).optional(),
});

/** A gateway as it tells of itself in fleets/F/gateways/ID.json. */
export type GatewayRegistration = z.infer<typeof gatewaySchema>;

interface PeerView {
  self: string;
  demands: ReadonlyMap<string, number>;
  turn: number;
  /** Whether all the others have known it for long. */
  settled: boolean;
}

export interface GatewayNow {
  demand: number;
  under_way: number;
  draining: Record<string, number>;
}

/** How often a gateway tells of itself and looks at the others. Milliseconds; another waits 10 s until it takes more. */
const BEAT_MS = 2_000;
/** The same while a server drains: somebody waits for its last run. Milliseconds. */
const DRAINING_BEAT_MS = 250;
/** One whose file stands still for so long is gone: what it had is for the others. Milliseconds. */
const STALE_MS = 15_000;

/** What one file says; undefined where there is none or it tells of no gateway. */
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

/** The same address is the same gateway: one that is started again takes up the part that it had. */
export function gatewayId(url: string): string {
  return `${hostname()}-${new URL(url).port}`.replace(/[^\w.-]/g, '_');
}

/**
 * Tells of a gateway in the fleet's folder, again and again, and yields who else there is whenever that
 * changes. When `signal` fires, it takes its file away and ends. What fails is told once, and tried again.
 */
export async function* shareWithGateways(deps: {
  store: FleetStore;
  self: Omit<GatewayRegistration, 'schema_version' | 'beat' | keyof GatewayNow>;
  state: () => Promise<GatewayNow>;
  now: () => number;
  /** So many milliseconds, or until there is something to report. */
  pause: (ms: number) => Promise<void>;
  signal: AbortSignal;
  onFailure: (words: string) => void;
}): AsyncGenerator<PeerView> {
  const { store, self, signal, now } = deps;
  const others = new Liveness();
  let told = '';
  let failure = '';
  for (let beat = 1; !signal.aborted; beat += 1) {
    let pause = BEAT_MS;
    try {
      const before = told === '' ? await readGateways(store) : [];
      const state = await deps.state();
      if (Object.keys(state.draining).length > 0) pause = DRAINING_BEAT_MS;
      await store.writeGateway(self.id, { schema_version: 1, ...self, ...state, beat });
      const live = others.live(await readGateways(store), now()).filter(({ id }) => id !== self.id);
      const demands = new Map([
        [self.id, state.demand],
        ...live.map((each) => [each.id, each.demand] as const),
      ]);
      const text = JSON.stringify([...demands].sort());
      const known = live.length === 0 || before.some(({ id }) => id === self.id);
      if (text !== told) yield { self: self.id, demands, turn: 0, settled: told === '' && known };
      told = text;
      failure = '';
    } catch (error) {
      if (messageOf(error) !== failure) deps.onFailure(messageOf(error));
      failure = messageOf(error);
    }
    await deps.pause(pause);
  }
  await store.removeGateway(self.id).catch(() => undefined);
}

export function gatewayWatch(store: FleetStore, now: () => number) {
  const liveness = new Liveness();
  return {
    live: async (): Promise<GatewayReport[]> =>
      liveness.live(await readGateways(store), now()).map(({ job_id, under_way, draining }) => ({
        jobId: job_id,
        underWay: under_way ?? null,
        draining: new Map(Object.entries(draining ?? {})),
      })),
  };
}

/** Which files move. No clocks are compared: only how long each stood still by our own. */
class Liveness {
  private readonly seen = new Map<string, { beat: string; at: number }>();

  live(all: readonly GatewayRegistration[], now: number): GatewayRegistration[] {
    return all.filter((each) => {
      const beat = `${each.since} ${each.beat}`;
      const known = this.seen.get(each.id);
      const at = known?.beat === beat ? known.at : now;
      this.seen.set(each.id, { beat, at });
      return now - at < STALE_MS && !endedHere(each);
    });
  }
}
