import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LitePlan, Plan } from '../isolation/plan.js';
import { MemoryFloor } from '../limits/floor.js';
import {
  type Isolated,
  NotBegun,
  type Outcome,
  type Program,
  SandboxFailure,
  type VisiblePath,
} from '../types.js';
import { launcherPrefix } from './launcher-start.js';
import { fromFailure, type LauncherReply, type LauncherRequest } from './messages.js';
import { type Piece, Pieces, sendInPieces } from './pieces.js';

const USERS_EACH = 10_000;

/**
 * What sandboxes show of the host, now: the same object as long as nothing changed. `thorough`: also what changed in
 * this moment.
 */
export type Shown = (thorough?: boolean) => readonly VisiblePath[];

/**
 * Sandboxes that are started for one run at most. Another one only where what it shows has changed since: each takes
 * some 10 ms, in which something may vanish again.
 */
const MOST_STARTS = 20;

/** A fork costs by the memory of the process: 1 ms here, 5 ms in a server that holds some answers. */
export function launchers(plan: Plan, count: number, shown?: Shown): Isolated {
  const all = Array.from({ length: count }, (_, index) => new Launcher(plan, index * USERS_EACH));
  const floor = new MemoryFloor({ endLargest: (least) => endLargestOf(all, least) });
  const run = async (program: Program, signal: AbortSignal, visible: ReturnType<Shown> | undefined) => {
    const [idlest] = all.toSorted((a, b) => a.load - b.load);
    if (idlest === undefined) throw new Error('no launchers');
    if (visible !== undefined) idlest.show(visible);
    const leave = floor.enter();
    try {
      return await idlest.run(program, signal);
    } finally {
      leave();
    }
  };
  return {
    run: async (program, signal) => {
      const began = performance.now();
      let [visible, now] = [shown?.(), program];
      for (let starts = 1; ; starts += 1) {
        try {
          return await run(now, signal, visible);
        } catch (error) {
          // What the sandbox was to show may have vanished before it was made.
          const next = error instanceof NotBegun && starts < MOST_STARTS ? shown?.(true) : visible;
          if (next === visible) throw error;
          visible = next;
          const latest = program.limits.latest - (performance.now() - began) / 1000;
          now = { ...program, limits: { ...program.limits, latest } };
        }
      }
    },
    close: async () => {
      await Promise.all(all.map((each) => each.close()));
    },
  };
}

async function endLargestOf(all: readonly Launcher[], least: number): Promise<boolean> {
  const held = await Promise.all(all.map((each) => each.largest()));
  const most = Math.max(...held);
  if (most < least || most === 0) return false;
  all[held.indexOf(most)]?.endLargest();
  return true;
}

const MEASURE_MS = 2000;

interface Waiting {
  resolve(outcome: Outcome): void;
  reject(reason: unknown): void;
}

class Launcher {
  private plan: Plan;
  private readonly offset: number;
  private readonly waiting = new Map<number, Waiting>();
  private pieces = new Pieces();
  private process: Promise<ChildProcess> | undefined;
  private lastId = 0;
  private measured: (bytes: number) => void = () => undefined;

  constructor(plan: Plan, offset: number) {
    this.plan = plan;
    this.offset = offset;
  }

  get load(): number {
    return this.waiting.size;
  }

  show(visible: readonly VisiblePath[]): void {
    const { plan } = this;
    if (plan.isolation !== 'lite' || plan.visible === visible) return;
    this.plan = { ...plan, visible };
    this.tell({ show: visible });
  }

  async run(program: Program, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const id = ++this.lastId;
    const end = new Promise<Outcome>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    // A launcher may die while a long program is still on its way.
    end.catch(() => undefined);
    try {
      // One that has died is replaced for the next run.
      this.process ??= this.start();
      const child = await this.process;
      const order = (one: LauncherRequest) => child.connected && child.send(one);
      const cancel = () => order({ id, cancel: true });
      signal.addEventListener('abort', cancel);
      try {
        await sendInPieces(id, program, (message) => {
          signal.throwIfAborted();
          return 'piece' in message ? written(child, message) : void order({ id, program: message.value });
        });
        if (signal.aborted) cancel();
        return await end;
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    } finally {
      this.waiting.delete(id);
    }
  }

  async largest(): Promise<number> {
    if (this.load === 0) return 0;
    return new Promise((resolve) => {
      this.measured = resolve;
      this.tell({ measure: true });
      setTimeout(() => resolve(0), MEASURE_MS).unref();
    });
  }

  endLargest(): void {
    this.tell({ endLargest: true });
  }

  async close(): Promise<void> {
    const child = await this.process?.catch(() => undefined);
    if (child === undefined || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.on('exit', resolve));
    if (child.connected) child.disconnect();
    await gone;
  }

  private tell(word: LauncherRequest): void {
    void this.process?.then(
      (child) => child.connected && child.send(word),
      () => undefined,
    );
  }

  private start(): Promise<ChildProcess> {
    const stage = staged(this.plan);
    const node = [process.execPath, fileURLToPath(new URL('./launcher.js', import.meta.url))];
    const privateMounts = stage.length === 0 ? [] : ['unshare', '--mount', '--propagation', 'private', '--'];
    const prefix = launcherPrefix(this.plan.python, process.arch);
    const [file = '', ...args] = [...privateMounts, ...prefix, ...node];
    const child = spawn(file, args, {
      cwd: '/',
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise((resolve, reject) => {
      const fail = (words: string) => {
        this.process = undefined;
        this.pieces = new Pieces();
        const failure = new SandboxFailure(words);
        reject(failure);
        for (const each of this.waiting.values()) each.reject(failure);
      };
      child.on('error', (error) => fail(error.message));
      child.on('exit', (code, signal) => fail(`a launcher ended: ${signal ?? `exit code ${code}`}`));
      child.on('message', (word: LauncherReply) => {
        if ('ready' in word) resolve(child);
        else if ('broken' in word) fail(word.broken);
        else if ('piece' in word) this.pieces.add(word);
        else if ('largest' in word) this.measured(word.largest);
        else this.hear(word);
      });
      child.send({ begin: this.plan, offset: this.offset, stage } satisfies LauncherRequest);
    });
  }

  private hear(word: Exclude<Extract<LauncherReply, { id: number }>, Piece>): void {
    const waiting = this.waiting.get(word.id);
    if ('outcome' in word) waiting?.resolve(this.pieces.join(word.id, word.outcome));
    else waiting?.reject(fromFailure(word.failure));
  }
}

function staged(plan: Plan): LitePlan['staged'] {
  return plan.isolation === 'lite' ? plan.staged : [];
}

function written(child: ChildProcess, message: LauncherRequest): Promise<void> {
  return new Promise((resolve) => {
    if (child.connected) child.send(message, () => resolve());
    else resolve();
  });
}
