import { spawn } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { madeIn } from '../support/paths.js';
import { enrootFolder } from './container-tools.js';

interface Told {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  /** Resolves once stderr holds `text`. */
  says(text: string): Promise<void>;
  /** To the process alone, or to its whole group. */
  kill(signal: NodeJS.Signals, whom: 'alone' | 'group'): void;
  /** The end of the process itself; what it started may go on. */
  ended: Promise<Told>;
}

type Environment = Record<string, string | undefined>;

/** An ordinary user (also when the tests run as root) with an empty home and everything enroot needs. */
export interface OrdinaryUser {
  home: string;
  run(argv: readonly string[], env?: Environment): Promise<Told>;
  start(argv: readonly string[], env?: Environment): Running;
  forget(): Promise<void>;
}

/** Any uid that nobody has. */
const UID = 58300;

export async function newOrdinaryUser(): Promise<OrdinaryUser> {
  const binFolder = await enrootFolder();
  const home = await mkdtemp(madeIn('/var/tmp', 'home'));
  const identity = process.getuid?.() === 0 ? { uid: UID, gid: UID } : {};
  await mkdir(join(home, 'temp'));
  if (identity.uid) for (const path of [home, join(home, 'temp')]) await chown(path, UID, UID);
  const usual = {
    HOME: home,
    PATH: `${binFolder}:/usr/bin:/bin`,
    LANG: 'C.UTF-8',
    ENROOT_RUNTIME_PATH: join(home, 'run'),
    ENROOT_TEMP_PATH: join(home, 'temp'),
    ENROOT_ALLOW_HTTP: 'y',
    // The default, lzo, takes twenty times as long.
    ENROOT_SQUASH_OPTIONS: '-comp zstd -Xcompression-level 1',
  };
  const start = ([command = '', ...args]: readonly string[], env: Environment = {}): Running => {
    const options = { cwd: home, env: { ...usual, ...env }, detached: true, ...identity };
    return watch(spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
  };
  return {
    home,
    start,
    run: (argv, env) => start(argv, env).ended,
    forget: () => rm(home, { recursive: true, force: true }),
  };
}

function watch(child: ReturnType<typeof spawn>): Running {
  let [stdout, stderr] = ['', ''];
  const waiting: (() => void)[] = [];
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
    for (const look of waiting) look();
  });
  const ended = new Promise<Told>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      // The rest of the pipes: orphans may hold them open, so no 'close'.
      setTimeout(() => resolve({ code, signal, stdout, stderr }), 30);
    });
  });
  return {
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => stderr.includes(text) && resolve();
        waiting.push(look);
        look();
        ended.then(() => reject(new Error(`it never said ${text}:\n${stderr}`)), reject);
      }),
    kill(signal, whom) {
      if (child.pid) process.kill(whom === 'group' ? -child.pid : child.pid, signal);
    },
  };
}
