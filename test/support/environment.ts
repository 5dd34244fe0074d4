import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cached, cacheFolder } from '../cluster/image/tools.js';
import { copyPackage, isBuilt } from '../cluster/install-cli.js';
import { MADE, SYSTEM_PATH } from './paths.js';
import { identity } from './processes.js';

/** What a test run keeps of the environment of who started it; all else would change what tests see. */
const KEPT = /^(TERM|CI|NODE_ENV|VITEST.*|SANDBOXCTL_TEST_.*|REAL_ENROOT|REAL_PYXIS)$/;

/**
 * Gives this process and all that it starts an environment of their own: a folder for temporary files, an
 * empty home, this Node and Debian's tools on PATH, and nothing else of the machine's.
 */
export async function enterTestEnvironment(): Promise<void> {
  process.umask(0o022);
  const run = identity(process.pid);
  const folder = join('/tmp', `${MADE}${run}`);
  const [home, bin] = [join(folder, 'home'), join(folder, 'bin')];
  for (const each of [folder, home, bin]) mkdirSync(each, { recursive: true });
  // As /tmp is: some of what the tests start runs as other users.
  chmodSync(folder, 0o1777);
  const cache = cacheFolder();
  process.execPath = await nodeForAll();
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const name of Object.keys(process.env)) if (!KEPT.test(name)) delete process.env[name];
  Object.assign(process.env, {
    PATH: `${bin}:${SYSTEM_PATH}`,
    HOME: home,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    SANDBOXCTL_TEST_CACHE: cache,
    SANDBOXCTL_TEST_RUN: run,
  });
  if (process.getuid?.() === 0 && isBuilt()) {
    // Other users run servers of it, and the clone may lie below a home that is closed to them.
    await copyPackage(join(folder, 'package'));
    process.env.SANDBOXCTL_TEST_PACKAGE = join(folder, 'package');
  }
}

/** This Node, or a copy where ordinary users may not run it or a cluster's nodes do not see it. */
async function nodeForAll(): Promise<string> {
  const own = process.execPath;
  if (process.getuid?.() !== 0 || isOpen(own)) return own;
  const copy = await cached(`node-${process.version}-${process.arch}`, (draft) =>
    copyFile(own, join(draft, 'node')),
  );
  return join(copy, 'node');
}

function isOpen(file: string): boolean {
  if (/^\/(tmp|var\/tmp|run|dev\/shm)\//.test(file)) return false;
  for (let at = file; at !== '/'; at = dirname(at)) if ((statSync(at).mode & 0o001) === 0) return false;
  return true;
}
