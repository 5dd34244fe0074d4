import { join } from 'node:path';
import { listIfThere } from '../../files/atomic.js';
import { acquireLock } from '../../files/lock.js';
import { importJobName } from '../../import/job.js';
import { removeLeftovers, temporaryFolders } from '../../import/leftovers.js';
import { lockPath } from '../../import/work.js';
import type { Scheduler } from '../../scheduler/port.js';
import type { Context } from '../context.js';
import type { Finding } from './finding.js';

const LEFTOVER = /^\.(.+)\.[0-9a-f]{12}\.(?:work|tmp)$/;

/** Leftovers of killed imports: those whose lock is free. */
export async function importLeftovers(
  context: Context,
  folder: string,
  scheduler: Scheduler | undefined,
): Promise<Finding[]> {
  const names = await listIfThere(folder);
  const targets = new Set(names.flatMap((name) => LEFTOVER.exec(name)?.[1] ?? []));
  const findings: Finding[] = [];
  for (const file of targets) {
    const target = join(folder, file);
    const lock = await lockOf(context, target);
    if (lock === undefined) continue;
    await lock.release();
    findings.push({
      ...{ kind: 'import', name: target, why: 'its import was killed' },
      remove: () => removeAll(context, target, scheduler),
    });
  }
  return findings;
}

const lockOf = ({ signal }: Context, target: string) =>
  acquireLock(lockPath(target), { purpose: 'gc', signal, onHeld: () => false });

async function removeAll(context: Context, target: string, scheduler: Scheduler | undefined): Promise<void> {
  const lock = await lockOf(context, target);
  if (lock === undefined) throw new Error('another import has begun');
  try {
    await removeLeftovers(target, temporaryFolders(context.env), async (id) => {
      await scheduler?.cancelNamedJob(importJobName(id));
    });
  } finally {
    await lock.release();
  }
}
