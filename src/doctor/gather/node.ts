import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { healthRequest } from '../../api/canary.js';
import { privateFolder, writeAtomic } from '../../files/atomic.js';
import type { OneOffJob, Scheduler } from '../../scheduler/port.js';
import type { NodeFacts } from '../facts.js';
import { parseMachine } from '../machine-facts.js';
import { type Asked, machineScript } from './machine.js';

/** Seconds to wait for a free node. */
const MAX_WAIT_S = 60;
/** Seconds until a file that a node has written must be seen here; NFS remembers a folder for up to 60 s. */
const BACK_S = 65;
const LOOK_MS = 100;

interface Deps {
  scheduler: Scheduler;
  stateFolder: string;
  clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  signal: AbortSignal;
}

/** What a compute node says of itself, by one short job; and how soon each side sees what the other writes. */
export async function nodeFacts(
  job: OneOffJob,
  asked: Omit<Asked, 'mark' | 'canary'>,
  { scheduler, stateFolder, clock, signal }: Deps,
): Promise<NodeFacts> {
  const { partition } = job;
  const mark = join(stateFolder, `.doctor-${randomBytes(6).toString('hex')}`);
  const seconds = () => clock.now() / 1000;
  try {
    await privateFolder(stateFolder);
    await writeAtomic(mark, `${basename(mark)}\n`);
    const begun = seconds();
    const random = randomBytes(8).toString('hex');
    const canary = JSON.stringify(healthRequest(random));
    const script = await machineScript({ ...asked, mark, canary });
    const answer = await scheduler.runOneOff({ ...job, maxWait: MAX_WAIT_S }, ['bash', '-s'], script);
    signal.throwIfAborted();
    if (!answer.ok) return { failed: answer.detail, partition };
    const answered = seconds();
    const facts = parseMachine(answer.stdout);
    const back = facts.markWritten ? await seenAfter(`${mark}.back`, { clock, signal }) : null;
    return { partition, asked: begun, answered, facts, random, back };
  } finally {
    await Promise.all([mark, `${mark}.back`].map((path) => rm(path, { force: true }))).catch(() => undefined);
  }
}

/** Seconds until a listing has the file: a name that was missing is remembered by NFS. */
async function seenAfter(
  path: string,
  { clock, signal }: Pick<Deps, 'clock' | 'signal'>,
): Promise<number | null> {
  const begun = clock.now();
  while (clock.now() - begun < BACK_S * 1000 && !signal.aborted) {
    if ((await readdir(dirname(path))).includes(basename(path))) return (clock.now() - begun) / 1000;
    await clock.sleep(LOOK_MS, signal);
  }
  return null;
}
