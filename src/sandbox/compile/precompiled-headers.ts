import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { isRunning } from '../../machine/pid.js';
import { endingWithThis, removedWithThis } from './ends-with-server.js';
import { stampOf } from './source-key.js';
import { listedPaths } from './tracing.js';

/** What nearly all programs of judges begin with. GCC uses one such header at most, if nothing precedes it. */
const HEADERS = ['bits/stdc++.h', 'iostream'];
/** Programs in C++ for which it is not worth it: a server may see no more than its trial. */
const FEW = 4;
/** Milliseconds for which the system's headers are taken to be as they were: some 300 files. */
const UNCHANGED_MS = 10_000;
/** On a disk by convention, where /tmp may be memory. */
const PLACE = '/var/tmp';
const NAME = /^sandboxctl-headers-(\d+)-/;

export interface PrecompiledHeadersOptions {
  /** Milliseconds. */
  now(): number;
  /** Where its folder is made. */
  place?: string;
}

/**
 * Headers that g++ need not parse anew for each program: 125 MB for GCC 12. Made in the background after a few
 * programs in C++, and again when what they were made of has changed. GCC itself leaves one out that does not fit,
 * such as behind a macro that changes it.
 */
export class PrecompiledHeaders {
  /** Undefined where it cannot be made. */
  private readonly folder: string | undefined;
  private readonly now: () => number;
  private readonly ended = new AbortController();
  private making: Promise<void> | undefined;
  private remover: ChildProcess | undefined;
  private asked = 0;
  /** What they were made of, as it was then; undefined until they are there. */
  private madeOf: { paths: readonly string[]; stamps: string } | undefined;
  private lookedAt = 0;

  constructor({ now, place = PLACE }: PrecompiledHeadersOptions) {
    this.now = now;
    removeStale(place);
    try {
      this.folder = mkdtempSync(join(place, `sandboxctl-headers-${process.pid}-`));
      chmodSync(this.folder, 0o755);
    } catch {
      // A disk that takes nothing: the headers are parsed each time.
    }
  }

  /** The folder for a next program; undefined until headers are there. `compiler`: g++ with the flags of all programs. */
  folderFor(compiler: readonly string[]): string | undefined {
    this.asked += 1;
    if (this.madeOf !== undefined && this.hasChanged(this.madeOf)) {
      this.madeOf = undefined;
      this.making = undefined;
    }
    if (this.asked > FEW) this.making ??= this.make(compiler);
    return this.madeOf === undefined ? undefined : this.folder;
  }

  /** Resolves when those are made, or not, that are under way. */
  async settled(): Promise<void> {
    await this.making;
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.making;
    this.remover?.stdin?.end();
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private hasChanged({ paths, stamps }: { paths: readonly string[]; stamps: string }): boolean {
    const now = this.now();
    if (now - this.lookedAt < UNCHANGED_MS) return false;
    this.lookedAt = now;
    return stampsOf(paths) !== stamps;
  }

  private async make(compiler: readonly string[]): Promise<void> {
    const { folder } = this;
    if (folder === undefined || this.ended.signal.aborted) return;
    this.remover ??= removedWithThis(folder);
    const made = await Promise.all(HEADERS.map((header) => this.precompile(compiler, header, folder)));
    const read = made.flatMap((paths) => paths ?? []);
    if (read.length === 0) return;
    const paths = [...new Set([compiler[0] ?? '', ...read])];
    this.lookedAt = this.now();
    this.madeOf = { paths, stamps: stampsOf(paths) };
  }

  /** The files that it was made of. */
  private async precompile(
    compiler: readonly string[],
    header: string,
    folder: string,
  ): Promise<readonly string[] | undefined> {
    const words = (...more: string[]) => [...compiler, ...more];
    const listing = await this.run(words('-E', '-x', 'c++', '-include', header, '/dev/null'));
    const source = listing?.split('"').find((part) => part.startsWith('/') && part.endsWith(`/${header}`));
    if (source === undefined) return undefined;
    const target = join(folder, `${header}.gch`);
    const begun = join(folder, `${header.replace('/', '-')}.begun`);
    const list = `${begun}.reads`;
    const made = await this.run(words('-x', 'c++-header', source, '-o', begun, '-MD', '-MF', list));
    if (made === undefined) return undefined;
    chmodSync(begun, 0o644);
    mkdirSync(dirname(target), { recursive: true });
    chmodSync(dirname(target), 0o755);
    renameSync(begun, target);
    const read = listedPaths(readFileSync(list)).filter((path) => path.startsWith('/') && path !== begun);
    rmSync(list);
    return read;
  }

  /** What it prints; undefined where it fails. */
  private run(words: readonly string[]): Promise<string | undefined> {
    const [tool = '', ...args] = endingWithThis(words);
    return new Promise((resolve) => {
      const child = spawn(tool, args, {
        cwd: '/',
        env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
        stdio: ['pipe', 'pipe', 'ignore'],
        detached: true,
      });
      const end = () => child.stdin.end();
      this.ended.signal.addEventListener('abort', end);
      const pieces: Buffer[] = [];
      child.on('error', () => resolve(undefined));
      child.on('close', (code) => {
        this.ended.signal.removeEventListener('abort', end);
        resolve(code === 0 ? Buffer.concat(pieces).toString() : undefined);
      });
      child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
      child.stdin.on('error', () => undefined);
      // Programs go first.
      if (child.pid !== undefined) setPriority(child.pid, 19);
    });
  }
}

function stampsOf(paths: readonly string[]): string {
  return paths.map(stampOf).join('\n');
}

/** Of servers that were killed. One that lives in another container is taken for dead: it then parses headers anew. */
function removeStale(place: string): void {
  for (const name of namesIn(place)) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (!(pid > 0) || isRunning(pid)) continue;
    try {
      rmSync(join(place, name), { recursive: true, force: true });
    } catch {
      // Not ours to remove.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
