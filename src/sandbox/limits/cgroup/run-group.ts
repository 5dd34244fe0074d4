import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { codeOf } from '../../../errors.js';
import { text } from '../../../machine/cgroups.js';
import { kill } from '../../process/tree.js';
import { LIMITS } from '../limits.js';
import type { ParentCgroup } from './parent.js';

/** A look finds those that were born during the last; a tree that outruns so many is watched all the same. */
const PASSES = 10;
const RETRY_MS = 50;
const RETRIES = 200;
/** Bytes that the kernel asks for at once, and is refused: a huge page, or what it keeps ahead for each CPU. */
const LARGEST_CHARGE = 4 * 2 ** 20;

/** The cgroup of one run: the kernel itself holds its memory to the limit. */
export class RunGroup {
  readonly folder: string;
  private readonly version: 1 | 2;
  private readonly memory: number;

  constructor({ folder, version }: ParentCgroup, name: string, memory: number) {
    this.version = version;
    this.memory = memory;
    this.folder = join(folder, name);
    mkdirSync(this.folder);
    const limits =
      version === 1
        ? { 'memory.limit_in_bytes': memory, 'memory.memsw.limit_in_bytes': memory }
        : // Swap would be memory beyond the limit, and half a tree is of no use to anybody.
          { 'memory.max': memory, 'memory.swap.max': 0, 'memory.oom.group': 1, 'pids.max': LIMITS.processes };
    try {
      for (const [file, value] of Object.entries(limits)) this.limit(file, value);
    } catch (error) {
      rmdirSync(this.folder);
      throw error;
    }
  }

  /** Processes that are gone meanwhile are skipped. Rejects with system errors. */
  async take(tree: () => readonly number[]): Promise<void> {
    for (let pass = 0; pass < PASSES; pass += 1) {
      const inside = new Set(this.members());
      const outside = tree().filter((pid) => !inside.has(pid));
      if (outside.length === 0) return;
      for (const pid of outside) await this.move(pid);
    }
  }

  /** Whether the kernel ended one of its processes for memory: since this cgroup, or one around it, had no more. */
  ended(): 'own limit' | 'others' | undefined {
    const file = this.version === 1 ? 'memory.oom_control' : 'memory.events';
    if (counted(this.text(file), 'oom_kill') === 0) return undefined;
    // Version 1 counts what it refused, but some kernels leave that at 0 (6.18): there, what it held at most tells.
    const own =
      this.version === 1
        ? Number(this.text('memory.max_usage_in_bytes')) + LARGEST_CHARGE >= this.memory
        : counted(this.text(file), 'oom') > 0;
    return own ? 'own limit' : 'others';
  }

  /** Bytes, with what the kernel keeps for its processes. */
  held(): number {
    return Number(this.text(this.version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));
  }

  async close(): Promise<void> {
    for (let tried = 0; !this.removed() && tried < RETRIES; tried += 1) {
      kill(this.members());
      await setTimeout(RETRY_MS);
    }
  }

  private removed(): boolean {
    try {
      rmdirSync(this.folder);
      return true;
    } catch (error) {
      return codeOf(error) === 'ENOENT';
    }
  }

  private text(file: string): string {
    return text(join(this.folder, file));
  }

  private limit(file: string, value: number): void {
    const path = join(this.folder, file);
    // Kernels without swap accounting or the controller of processes do without.
    const optional = !['memory.limit_in_bytes', 'memory.max'].includes(file);
    if (!(optional && !existsSync(path))) writeFileSync(path, String(value));
  }

  private async move(pid: number): Promise<void> {
    try {
      await writeFile(join(this.folder, 'cgroup.procs'), String(pid));
    } catch (error) {
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }

  private members(): number[] {
    const pids = text(join(this.folder, 'cgroup.procs')).split('\n').map(Number);
    // 0 is whoever this process cannot see.
    return pids.filter((pid) => pid > 0);
  }
}

function counted(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
