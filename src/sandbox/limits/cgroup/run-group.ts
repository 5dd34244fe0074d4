import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../errors.js';
import { text } from '../../../machine/cgroups.js';
import { LIMITS } from '../limits.js';
import type { ParentCgroup } from './parent.js';
import { membersOf, removeCgroup } from './remove.js';

/** A look finds those that were born during the last; a tree that outruns so many is watched all the same. */
const PASSES = 10;
/** Bytes that the kernel asks for at once, and is refused: a huge page, or what it keeps ahead for each CPU. */
const LARGEST_CHARGE = 4 * 2 ** 20;

/** The cgroup of one run: the kernel itself holds its memory to the limit. */
export class RunGroup {
  readonly name: string;
  readonly folder: string;
  private readonly version: 1 | 2;
  private memory: number;
  /** What the kernel had counted when it became this run's. */
  private before = { ends: 0, refusals: 0 };

  constructor({ folder, version }: ParentCgroup, name: string, memory: number) {
    this.version = version;
    this.memory = memory;
    this.name = name;
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
      const inside = new Set(membersOf(this.folder));
      const outside = tree().filter((pid) => !inside.has(pid));
      if (outside.length === 0) return;
      for (const pid of outside) await this.move(pid);
    }
  }

  /** Whether the kernel ended one of its processes for memory: since this cgroup, or one around it, had no more. */
  ended(): 'own limit' | 'others' | undefined {
    const { ends, refusals } = this.counted();
    if (ends === this.before.ends) return undefined;
    // Version 1 counts what it refused, but some kernels leave that at 0 (6.18): there, what it held at most tells.
    const own =
      this.version === 1
        ? Number(this.text('memory.max_usage_in_bytes')) + LARGEST_CHARGE >= this.memory
        : refusals > this.before.refusals;
    return own ? 'own limit' : 'others';
  }

  /** Another limit, in bytes. Version 2. Throws system errors. */
  limitTo(memory: number): void {
    if (memory !== this.memory) this.limit('memory.max', memory);
    this.memory = memory;
  }

  /** For another run, whose limit is not known yet: nothing of the last one is left. */
  renew(memory: number): void {
    this.limitTo(memory);
    this.before = this.counted();
  }

  /** Bytes, with what the kernel keeps for its processes. */
  held(): number {
    return Number(this.text(this.version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));
  }

  close(): Promise<void> {
    return removeCgroup(this.folder);
  }

  private counted(): { ends: number; refusals: number } {
    const events = this.text(this.version === 1 ? 'memory.oom_control' : 'memory.events');
    return { ends: counted(events, 'oom_kill'), refusals: counted(events, 'oom') };
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
}

function counted(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
