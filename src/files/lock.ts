import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { isUnwritable } from './atomic.js';
import { clearEnded, lockEnder } from './lock-end.js';
import {
  createLockFile,
  endedHere,
  type LockContent,
  type Owner,
  parseLock,
  readLockFile,
  rewriteLockFile,
} from './lock-file.js';

export type { Owner };

const HEARTBEAT_MS = 2_000;
const DEAD_AFTER_MS = 6_000;
const POLL_MS = 250;

export interface Lock {
  /** False once another process took the lock over. Updated with the next heartbeat. */
  held(): boolean;
  /** The same, read from the file: for the moment before what only the holder may do. */
  confirm(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LockOptions {
  purpose: string;
  /** Called once for every other owner. Return false to give up at once. */
  onHeld: (owner: Owner) => boolean;
  signal?: AbortSignal;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

const realSleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Undefined if `onHeld` gave up or `signal` fired. Works on NFS: exclusive create, and a heartbeat in the content,
 * since attributes are cached there. A holder counts as dead after 6 s without a heartbeat on the reader's monotonic
 * clock, or once its pid is gone on this host.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock | undefined> {
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? realSleep;
  const content = ownContent(options.purpose);
  const endHold = lockEnder(path, content, DEAD_AFTER_MS, now);
  let reported: string | undefined;
  let seen = { raw: '', since: now() };
  while (options.signal?.aborted !== true) {
    content.since = new Date().toISOString();
    if (await createLockFile(path, content)) {
      const lock = hold(path, content, endHold);
      await clearEnded(path, content.token);
      return lock;
    }
    const raw = await readLockFile(path);
    if (raw === undefined) continue;
    if (raw !== seen.raw) seen = { raw, since: now() };
    const owner = parseLock(raw);
    const dead = now() - seen.since >= DEAD_AFTER_MS || (owner !== undefined && endedHere(owner));
    if (dead) {
      await endHold(raw);
      if ((await readLockFile(path)) === undefined) continue;
    } else if (owner !== undefined && owner.token !== reported) {
      reported = owner.token;
      if (!options.onHeld(owner)) {
        // A dead holder on another host shows only by a missing heartbeat.
        if (owner.host === hostname() || (await beats(path, raw, now, sleep))) return undefined;
        reported = undefined;
        continue;
      }
    }
    await sleep(POLL_MS);
  }
  return undefined;
}

export function describeOwner(owner: Owner): string {
  return `${owner.purpose} by ${owner.user}, pid ${owner.pid} on ${owner.host}, since ${owner.since}`;
}

function ownContent(purpose: string): LockContent {
  return {
    host: hostname(),
    pid: process.pid,
    user: userName(),
    purpose,
    since: '',
    token: randomBytes(8).toString('hex'),
    beat: 0,
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

function hold(path: string, content: LockContent, endHold: (raw: string) => Promise<void>): Lock {
  let held = true;
  let beating = Promise.resolve();
  const beat = async () => {
    content.beat += 1;
    beating = beating.then(async () => {
      held &&= await rewriteLockFile(path, content);
    });
    await beating;
    return held;
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  timer.unref();
  return {
    held: () => held,
    confirm: beat,
    release: async () => {
      clearInterval(timer);
      await beating;
      const raw = (await readLockFile(path)) ?? '';
      held = false;
      if (parseLock(raw)?.token !== content.token) return;
      await endHold(raw).catch((error: unknown) => {
        // A full disk: the lock is stale as soon as this process ends.
        if (!isUnwritable(error)) throw error;
      });
    },
  };
}

async function beats(
  path: string,
  raw: string,
  now: () => number,
  sleep: (ms: number) => Promise<void>,
): Promise<boolean> {
  const since = now();
  while (now() - since < DEAD_AFTER_MS) {
    const current = await readLockFile(path);
    if (current !== raw) return current !== undefined;
    await sleep(POLL_MS);
  }
  return false;
}
