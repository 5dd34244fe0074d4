import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { isRunning } from '../../machine/pid.js';

/** What nearly all programs of judges begin with. GCC uses one such header at most, if nothing precedes it. */
const HEADERS = ['bits/stdc++.h', 'iostream'];
/** Programs in C++ for which it is not worth it: a server may see no more than its trial. */
const FEW = 4;
/** On a disk by convention, where /tmp may be memory. */
const PLACE = '/var/tmp';
const NAME = /^sandboxctl-headers-(\d+)-/;

/**
 * Headers that g++ need not parse anew for each program: 125 MB for GCC 12. Made in the background after a few
 * programs in C++. GCC itself leaves one out that does not fit, such as behind a macro that changes it.
 */
export class PrecompiledHeaders {
  /** Undefined where it cannot be made. */
  private readonly folder: string | undefined;
  private readonly ended = new AbortController();
  private ready = false;
  private making: Promise<void> | undefined;
  private compiler: readonly string[] = [];
  private asked = 0;

  constructor() {
    removeStale();
    try {
      this.folder = mkdtempSync(join(PLACE, `sandboxctl-headers-${process.pid}-`));
      chmodSync(this.folder, 0o755);
    } catch {
      // A disk that takes nothing: the headers are parsed each time.
    }
  }

  /** The folder for a next program; undefined until headers are there. `compiler`: g++ with the flags of all programs. */
  folderFor(compiler: readonly string[]): string | undefined {
    this.compiler = compiler;
    this.asked += 1;
    if (this.asked > FEW) this.making ??= this.make();
    return this.ready ? this.folder : undefined;
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.making;
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private async make(): Promise<void> {
    const { folder } = this;
    if (folder === undefined || this.ended.signal.aborted) return;
    const made = await Promise.all(HEADERS.map((header) => this.precompile(header, folder)));
    this.ready = made.some((each) => each);
  }

  private async precompile(header: string, folder: string): Promise<boolean> {
    const listing = await this.gcc(['-E', '-x', 'c++', '-'], `#include <${header}>\n`);
    const source = listing?.split('"').find((part) => part.startsWith('/') && part.endsWith(`/${header}`));
    if (source === undefined) return false;
    const target = join(folder, `${header}.gch`);
    const begun = join(folder, `${header.replace('/', '-')}.begun`);
    if ((await this.gcc(['-x', 'c++-header', source, '-o', begun], '')) === undefined) return false;
    chmodSync(begun, 0o644);
    mkdirSync(dirname(target), { recursive: true });
    chmodSync(dirname(target), 0o755);
    renameSync(begun, target);
    return true;
  }

  /** What it prints; undefined where it fails. */
  private gcc(args: readonly string[], input: string): Promise<string | undefined> {
    const [tool = '', ...flags] = this.compiler;
    return new Promise((resolve) => {
      const child = spawn(tool, [...flags, ...args], {
        cwd: '/',
        env: { PATH: process.env.PATH, LANG: 'C.UTF-8' },
        stdio: ['pipe', 'pipe', 'ignore'],
        // A group of its own: g++ leaves its compiler behind where it is ended alone.
        detached: true,
      });
      const end = () => child.pid !== undefined && killGroup(child.pid);
      this.ended.signal.addEventListener('abort', end);
      const pieces: Buffer[] = [];
      child.on('error', () => resolve(undefined));
      child.on('close', (code) => {
        this.ended.signal.removeEventListener('abort', end);
        resolve(code === 0 ? Buffer.concat(pieces).toString() : undefined);
      });
      child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
      child.stdin.on('error', () => undefined).end(input);
      // Programs go first.
      if (child.pid !== undefined) setPriority(child.pid, 19);
    });
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Of servers that were killed. One that lives in another container is taken for dead: it then parses headers anew. */
function removeStale(): void {
  try {
    for (const name of readdirSync(PLACE)) {
      const pid = Number(NAME.exec(name)?.[1]);
      if (pid > 0 && !isRunning(pid)) rmSync(join(PLACE, name), { recursive: true, force: true });
    }
  } catch {
    // Not ours to remove.
  }
}
