import { capacitySchema } from '../../api/wire.js';
import type { Deadlines } from '../deadlines.js';
import type { Exchange, Pool } from '../upstream/pool.js';

const TIMEOUT_MS = 2_000;
const MAX_BODY_BYTES = 65_536;

export interface CapacityOptions {
  deadlines: Deadlines;
  now(): number;
  headers: string;
}

/** Asks a server for its slots; null: it gives none, as SandboxFusion; undefined: no answer. */
export function askCapacity(
  pool: Pool,
  { deadlines, now, headers }: CapacityOptions,
  done: (slots: number | null | undefined) => void,
): void {
  let exchange: Exchange | undefined;
  const deadline = { at: now() + TIMEOUT_MS, expire: () => exchange?.abort('no answer', 'timeout') };
  deadlines.add(deadline);
  exchange = pool.send(
    { method: 'GET', target: '/v1/capacity', headers, body: Buffer.alloc(0), maxBodyBytes: MAX_BODY_BYTES },
    (result) => {
      deadlines.delete(deadline);
      done('error' in result ? undefined : slotsIn(result.status, result.body));
    },
  );
}

function slotsIn(status: number, body: Buffer): number | null {
  if (status !== 200) return null;
  try {
    const { data } = capacitySchema.safeParse(JSON.parse(body.toString()));
    return data !== undefined && data.slots >= 1 ? data.slots : null;
  } catch {
    return null;
  }
}
