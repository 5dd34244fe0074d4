import { isUnwritable } from '../files/atomic.js';
import type { EventBody } from '../fleet/events.js';
import type { FleetStore } from '../state/store.js';

/**
 * Replaces a damaged spec.json by the spec in the scripts of the fleet's jobs, and keeps the damaged file. On a disk
 * that cannot be written, the damaged file stays. Only for the holder of the fleet's lock.
 */
export async function mendSpec(store: FleetStore, emit: (event: EventBody) => void): Promise<void> {
  const damage = await store.specDamage();
  if (damage === undefined) return;
  const spec = await store.readSpec();
  const kept = await replaced();
  const source =
    spec === undefined
      ? 'no script of a recorded job has the spec'
      : `the spec of generation ${spec.generation} is taken from the script of a job`;
  const place = kept === undefined ? 'it stays, since the disk cannot be written' : `it is kept as ${kept}`;
  emit({ type: 'warning', reason: `${store.folders.spec} is damaged (${damage}): ${place}; ${source}` });

  async function replaced(): Promise<string | undefined> {
    try {
      const path = await store.keepDamagedSpec();
      if (spec !== undefined) await store.writeSpec(spec);
      return path;
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      return undefined;
    }
  }
}
