import { observe } from '../../control/observe.js';
import { fleetStore } from '../../control/store.js';
import { buildEndpoints, readEndpoints, writeEndpoints } from '../../endpoints/file.js';
import type { EndpointsFile } from '../../endpoints/schema.js';
import { SandboxctlError } from '../../errors.js';
import { acquireLock } from '../../files/lock.js';
import type { Context } from '../context.js';

/**
 * Asks Slurm and every server now, and writes the endpoints file anew unless somebody works on the fleet:
 * they write it themselves. Undefined where Slurm knows no job and the state folder no fleet. Throws kind
 * `tool` where Slurm cannot be asked.
 */
export async function checkFleet(context: Context, fleet: string): Promise<EndpointsFile | undefined> {
  const { config } = await context.config({});
  const [seen] = await observe(
    {
      scheduler: await context.scheduler(),
      stateFolder: context.stateFolder,
      clock: context.clock,
      signal: context.signal,
      settleMs: config.settle * 1_000,
      onWait: (why) => context.io.stderr.line(why),
    },
    fleet,
    unanswered,
  );
  context.signal.throwIfAborted();
  if (seen === undefined || seen.spec === null) return undefined;
  const store = fleetStore(context.stateFolder, fleet);
  const now = new Date(context.clock.now()).toISOString();
  // A file that cannot be read is what this is to repair.
  const previous = () => readEndpoints(store.folders.endpoints).catch(() => undefined);
  const file = buildEndpoints(seen.spec, seen.instances, now, await previous());
  await store.prepare();
  const lock = await acquireLock(store.folders.lock, {
    purpose: 'endpoints --check',
    signal: context.signal,
    onHeld: () => false,
  });
  if (lock === undefined) return file;
  try {
    const newer = ((await previous())?.updated_at ?? '') > now;
    if (!newer) await writeEndpoints(store.folders.endpoints, file);
  } finally {
    await lock.release();
  }
  return file;
}

function unanswered(words: string): SandboxctlError {
  return new SandboxctlError('tool', {
    what: 'Slurm gave no answer, so nothing can be said about the fleet now',
    words,
    hint: "try again; 'sandboxctl endpoints' without --check prints what was known last",
  });
}
