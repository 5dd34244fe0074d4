import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { messageOf } from '../../../errors.js';
import type { RunGroups } from '../../limits/cgroup/run-groups.js';
import type { SlotGroups } from '../../limits/cgroup/slot-groups.js';
import { type Outcome, type Program, SandboxFailure } from '../../types.js';
import { LiteRun } from '../lite/run.js';
import type { OnText } from '../lite/sandbox-process.js';
import type { LitePlan, WarmPlan } from '../plan.js';
import { seesThatItIsAsked } from './asked-calls.js';
import type { WarmUsers } from './boot.js';
import { importsAnyOf, modulesOf, setFor } from './imports.js';
import { type Becomes, jobOf, plainFiles } from './job.js';
import { MORE_MODULES } from './modules.js';
import { closeSlot, type Slot } from './slot.js';
import { SlotStreams, WarmSandbox } from './warm-sandbox.js';
import { Zygote } from './zygote.js';
import { ZygoteLine } from './zygote-line.js';

/** Users of one zygote's sandboxes at once, with its own; and where they begin among a launcher's users. */
const USERS_EACH = 64;
const FIRST_USER = 5000;
const BLOCKS = 64;
/** Most programs have ended by then. A longer one that has filled a pipe waits until then for room. */
const UNWATCHED_MS = 20;
/** Without more modules than the usual ones. */
const USUAL = '';
const MORE = MORE_MODULES.join('+');

export interface WarmRunsOptions {
  plan: LitePlan;
  warm: WarmPlan;
  groups: RunGroups | undefined;
  /** Of this launcher's users. */
  offset: number;
}

/** Runs programs in sandboxes that wait for one: those in Python in forks of interpreters that have started. */
export class WarmRuns {
  private readonly options: WarmRunsOptions;
  private readonly lines = new Map<string, ZygoteLine>();
  private readonly closing = new Set<Promise<void>>();
  private stamp: string;
  private started = 0;

  constructor(options: WarmRunsOptions) {
    this.options = options;
    this.stamp = stampOf(options.warm.python);
    for (const set of [USUAL, ...options.warm.preload]) this.line(set);
  }

  /** Why the program must run cold, also since the zygote failed: nothing is known of the program then. */
  async run(program: Program, signal: AbortSignal): Promise<Outcome | string> {
    const { compile, fetch, headers, limits } = program;
    if (compile !== undefined || fetch.length > 0 || headers !== undefined) return 'more than a run';
    // In a fork a program could have printed something before it is ended.
    if (limits.runTimeout <= 0) return 'without any time';
    const files = plainFiles(program);
    if (files === undefined) return 'files with unusual names, or much in them';
    const becomes = this.becomes(program);
    if (seesThatItIsAsked(program, becomes)) return 'sockets, or filters of calls';
    const zygote = this.zygoteFor(becomes === 'fork' ? this.setFor(program.code) : USUAL);
    if (typeof zygote === 'string') return zygote;
    try {
      const slot = await zygote.take(signal);
      if (signal.aborted) closeSlot(slot);
      signal.throwIfAborted();
      limitMemory(slot, limits.memory);
      const { plan, groups } = this.options;
      const streams = new SlotStreams(slot, program, plan.outputCap);
      const job = jobOf(program, becomes, files, zygote.tmpSize);
      const start = (onText: OnText) => new WarmSandbox(zygote, slot, job, onText);
      const run = new LiteRun({
        program,
        groups,
        born: slot.born,
        streams,
        start,
        unwatchedMs: UNWATCHED_MS,
      });
      return { ...(await run.end(signal)), warm: true };
    } catch (error) {
      if (signal.aborted || !(error instanceof SandboxFailure)) throw error;
      return error.message;
    }
  }

  async close(): Promise<void> {
    this.closeLines();
    await Promise.all(this.closing);
  }

  /** Why there is none, as a string. */
  private zygoteFor(set: string): Zygote | string {
    const usual = this.line(USUAL);
    const line = this.line(set);
    const zygote = line.zygote();
    // The first one that wants more need not wait for it.
    const ready = zygote?.isReady || line === usual ? zygote : usual.zygote();
    return ready ?? line.failure?.message ?? 'no zygote';
  }

  private setFor(code: string): string {
    return setFor(code, this.options.warm.preload) ?? (importsAnyOf(MORE_MODULES, code) ? MORE : USUAL);
  }

  /** Only a program whose interpreter would be started as the zygote was can go on as its fork. */
  private becomes({ run, file, env }: Program): Becomes {
    const [tool, script, ...more] = run;
    const plain = script === file && more.length === 0 && Object.keys(env).length === 0;
    return tool === this.options.warm.python && plain ? 'fork' : 'command';
  }

  private line(set: string): ZygoteLine {
    const stamp = stampOf(this.options.warm.python);
    // Another interpreter lies there now: what runs goes on.
    if (stamp !== this.stamp) this.closeLines();
    this.stamp = stamp;
    const line = this.lines.get(set);
    if (line !== undefined) return line;
    const made = new ZygoteLine({ start: () => this.start(set), now: () => performance.now() });
    this.lines.set(set, made);
    return made;
  }

  private closeLines(): void {
    for (const line of this.lines.values()) {
      const closed = line.close().finally(() => this.closing.delete(closed));
      this.closing.add(closed);
    }
    this.lines.clear();
  }

  private start(set: string): Zygote {
    const { plan, warm } = this.options;
    const folder = `/tmp/${temporaryName()}`;
    const file = `${folder}/${temporaryName()}.py`;
    const users = this.users();
    const groups = this.groupsFor(users);
    const options = { plan, warm, users, groups, modules: modulesOf(set), folder, file };
    const zygote = new Zygote(options, warm.ready);
    if (groups !== undefined) void zygote.gone.then(() => this.options.groups?.end(groups));
    return zygote;
  }

  private groupsFor(users: WarmUsers | null): SlotGroups | undefined {
    const { plan, groups } = this.options;
    // What starts as a user who is not this server's may not enter a cgroup.
    if (users === null && plan.user !== null) return undefined;
    return groups?.forSlots({ user: users, memory: plan.memory });
  }

  /** Others than those of the zygotes before: some of their runs may still be under way. */
  private users(): WarmUsers | null {
    const { user } = this.options.plan;
    if (user === null || !user.range) return null;
    const block = this.started++ % BLOCKS;
    const uid = user.uid + this.options.offset + FIRST_USER + block * USERS_EACH;
    return { uid, gid: user.gid, count: USERS_EACH };
  }
}

function limitMemory(slot: Slot, bytes: number): void {
  try {
    slot.born?.group.limitTo(bytes);
  } catch (error) {
    closeSlot(slot);
    throw new SandboxFailure(`the memory of a cgroup cannot be limited: ${messageOf(error)}`);
  }
}

function stampOf(python: string): string {
  return String(statSync(python, { throwIfNoEntry: false })?.mtimeMs);
}

const NAME_BYTES = 8;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_';

/** As Python's tempfile names things. */
function temporaryName(): string {
  return `tmp${[...randomBytes(NAME_BYTES)].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
