import { messageOf } from '../../errors.js';
import type { FleetEvent } from '../../fleet/events.js';
import { fleetStore } from '../../state/store.js';
import type { Context } from '../context.js';
import { takeFleetLock } from '../fleet-lock.js';
import type { Found } from './find.js';
import type { Finding } from './finding.js';

/**
 * Removes all that was found, and returns what failed. What lies in a fleet's folder goes under the fleet's lock, if
 * it still is of no use then.
 */
export async function removeFindings(context: Context, { findings, inFleet }: Found): Promise<string[]> {
  const failed: string[] = [];
  const removeEach = async (some: readonly Finding[]): Promise<Finding[]> => {
    const removed: Finding[] = [];
    for (const each of some) {
      context.signal.throwIfAborted();
      await each.remove().then(
        () => removed.push(each),
        (error: unknown) => failed.push(`${each.name}: ${messageOf(error)}`),
      );
    }
    return removed;
  };
  await removeEach(findings.filter(({ fleet }) => fleet === undefined));
  for (const fleet of new Set(findings.flatMap((each) => each.fleet ?? []))) {
    const listed = findings.filter((each) => each.fleet === fleet);
    try {
      await underLock(context, fleet, async () => {
        const still = new Set((await inFleet(fleet)).map(({ name }) => name));
        const removed = await removeEach(listed.filter(({ name }) => still.has(name)));
        for (const { name } of listed.filter((each) => !still.has(each.name)))
          failed.push(`${name}: it is in use again, or gone`);
        if (listed.some(({ kind }) => kind === 'fleet')) return;
        await record(context, fleet, removed);
      });
    } catch (error) {
      context.signal.throwIfAborted();
      failed.push(...listed.map(({ name }) => `${name}: ${messageOf(error)}`));
    }
  }
  return failed;
}

/** A full disk takes no lock, and is freed here. */
async function underLock(context: Context, fleet: string, work: () => Promise<void>): Promise<void> {
  const store = fleetStore(context.stateFolder, fleet);
  const lock = await takeFleetLock(context, store, 'gc', () => undefined);
  try {
    await work();
  } finally {
    await lock.release();
  }
}

async function record(
  { stateFolder, clock }: Context,
  fleet: string,
  removed: readonly Finding[],
): Promise<void> {
  if (removed.length === 0) return;
  const counts = new Map<string, number>();
  for (const { kind } of removed) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const items = [...counts].map(([kind, count]) => (count === 1 ? `1 ${kind}` : `${count} ${kind}s`));
  const event: FleetEvent = {
    ...{
      schema_version: 1 as const,
      time: new Date(clock.now()).toISOString(),
      fleet,
      type: 'result' as const,
    },
    reason: `removed what no job needs any more: ${items.join(', ')}`,
    data: { exit_code: 0, command: 'gc' },
  };
  await fleetStore(stateFolder, fleet)
    .appendEvents([event])
    .catch(() => undefined);
}
