import { randomBytes } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { codeOf } from '../errors.js';
import { temporaryName } from './atomic.js';

/** How often a holder rewrites its lock file (design: 2 s). */
const HEARTBEAT_MS = 2_000;
/** A lock whose content stands still for this long has a dead holder (design: 6 s). */
const DEAD_AFTER_MS = 6_000;
/** How often a waiter looks. */
const LOOK_MS = 250;

export interface Owner {
  host: string;
  pid: number;
  user: string;
  /** What the lock is held for, for example `deploy`. */
  purpose: string;
  /** ISO time. */
  since: string;
}

interface Content extends Owner {
  token: string;
  beat: number;
}

export interface Lock {
  /** False once somebody took the lock from us: a holder that stood still for longer than 6 s. */
  held(): boolean;
  release(): Promise<void>;
}

export interface LockOptions {
  purpose: string;
  /** Called once for every new owner that is in the way. Return false to give up at once. */
  onHeld: (owner: Owner) => boolean;
  signal?: AbortSignal;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

const realSleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Takes the lock at `path`, or returns undefined where `onHeld` gave up or `signal` fired.
 *
 * Works on NFS: exclusive create, and a heartbeat in the content (attributes are cached there). A
 * holder counts as dead when its content stood still for 6 s of the reader's own monotonic clock, or
 * when its pid is gone on this same host.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock | undefined> {
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? realSleep;
  let told: string | undefined;
  let seen = { raw: '', since: now() };
  while (options.signal?.aborted !== true) {
    const lock = await tryCreate(path, options.purpose);
    if (lock !== undefined) return lock;
    const raw = await read(path);
    if (raw === undefined) continue;
    if (raw !== seen.raw) seen = { raw, since: now() };
    const owner = parse(raw);
    if (now() - seen.since >= DEAD_AFTER_MS || (owner !== undefined && diedHere(owner))) {
      await breakLock(path, raw);
      continue;
    }
    if (owner !== undefined && owner.token !== told) {
      told = owner.token;
      if (!options.onHeld(owner)) {
        // A dead holder on another host shows only by standing still: look that long before giving up.
        if (owner.host === hostname() || (await beats(path, raw, now, sleep))) return undefined;
        told = undefined;
        continue;
      }
    }
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** Who holds the lock at `path`; undefined where it is free or its holder died on this host. */
export async function lockOwner(path: string): Promise<Owner | undefined> {
  const raw = await read(path);
  const owner = raw === undefined ? undefined : parse(raw);
  return owner === undefined || diedHere(owner) ? undefined : owner;
}

export function describeOwner(owner: Owner): string {
  return `${owner.purpose} by ${owner.user}, pid ${owner.pid} on ${owner.host}, since ${owner.since}`;
}

async function tryCreate(path: string, purpose: string): Promise<Lock | undefined> {
  const content: Content = {
    host: hostname(),
    pid: process.pid,
    user: userName(),
    purpose,
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
    beat: 0,
  };
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(render(content));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw error;
  }
  return hold(path, content);
}

/** A user id without a name in the password database has none. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

function hold(path: string, content: Content): Lock {
  let held = true;
  let beating = Promise.resolve();
  const timer = setInterval(() => {
    content.beat += 1;
    beating = beating
      .then(() => rewrite(path, content))
      .then((mine) => {
        held &&= mine;
      });
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    held: () => held,
    release: async () => {
      clearInterval(timer);
      await beating;
      const owner = parse((await read(path)) ?? '');
      if (owner?.token === content.token) await rm(path, { force: true });
      held = false;
    },
  };
}

/** Rewrites in place, never by rename: a rename would put our lock over that of who took it from us. */
async function rewrite(path: string, content: Content): Promise<boolean> {
  try {
    const file = await open(path, 'r+');
    try {
      if (parse(await file.readFile('utf8'))?.token !== content.token) return false;
      await file.write(render(content), 0);
      await file.datasync();
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    // A full disk or a server that is away for a moment does not end the hold; a missing file does.
    return codeOf(error) !== 'ENOENT';
  }
}

/** The beat is padded, so that every rewrite covers the one before. */
function render(content: Content): string {
  return `${JSON.stringify({ ...content, beat: String(content.beat).padStart(12, '0') })}\n`;
}

function parse(raw: string): Content | undefined {
  try {
    const value = JSON.parse(raw) as Content;
    return typeof value.token === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function diedHere(owner: Owner): boolean {
  if (owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/**
 * Moves the dead lock aside and checks that it was the dead one that moved: between our look and our
 * rename another waiter may have broken it and taken the lock.
 */
async function breakLock(path: string, dead: string): Promise<void> {
  const aside = temporaryName(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await read(aside);
  const mistaken = moved !== undefined && parse(moved)?.token !== parse(dead)?.token;
  if (mistaken) {
    await link(aside, path).catch(() => undefined);
  }
  await rm(aside, { force: true });
}

async function beats(
  path: string,
  raw: string,
  now: () => number,
  sleep: (ms: number) => Promise<void>,
): Promise<boolean> {
  const since = now();
  while (now() - since < DEAD_AFTER_MS) {
    if ((await read(path)) !== raw) return true;
    await sleep(LOOK_MS);
  }
  return false;
}
