import { dirname } from 'node:path';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { makeFolder } from '../files/atomic.js';
import { acquireLock, describeOwner, type Lock } from '../files/lock.js';
import { findOnPath } from '../process/on-path.js';
import { importJobName } from './job.js';
import { removeLeftovers, temporaryFolders } from './leftovers.js';
import type { ImportRequest, ImportTools } from './request.js';
import { lockPath, makeWork, removeWork, type Work } from './work.js';

export async function withImportLock<T>(
  { reference, target }: ImportRequest,
  tools: ImportTools,
  inner: (work: Work, lock: Lock) => Promise<T>,
): Promise<T> {
  const { signal, progress } = tools;
  const lock = await inFolder(target, async () => {
    await makeFolder(dirname(target));
    return acquireLock(lockPath(target), {
      purpose: `import of ${reference.familiar}`,
      signal,
      onHeld: (owner) => {
        progress.phase(`Waiting for ${describeOwner(owner)}`);
        return true;
      },
    });
  });
  if (lock === undefined) {
    signal.throwIfAborted();
    throw new Error('the lock was given up without a signal');
  }
  try {
    await cleanLeftovers(target, tools);
    const work = await inFolder(target, () => makeWork(target));
    try {
      return await inner(work, lock);
    } finally {
      await removeWork(work);
    }
  } finally {
    await lock.release();
  }
}

async function cleanLeftovers(target: string, { env, scheduler }: ImportTools): Promise<void> {
  const slurm = await findOnPath('scancel', env);
  await removeLeftovers(target, temporaryFolders(env), async (id) => {
    if (!slurm) return;
    // The job's watcher would end it too, but ten seconds later, and not where the node does not see the lock.
    const connected = await scheduler().catch(() => undefined);
    await connected?.cancelNamedJob(importJobName(id));
  });
}

async function inFolder<T>(target: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new SandboxctlError('refused', {
      what: `the image folder ${dirname(target)} cannot be used`,
      detail: messageOf(error),
      hint: 'choose another with -o FILE or the config key imageDir',
      cause: error,
    });
  }
}
