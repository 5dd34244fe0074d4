import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { firstWords, messageOf } from '../../../errors.js';
import type { SlotGroups } from '../../limits/cgroup/slot-groups.js';
import { spawned } from '../../process/spawned.js';
import { childrenOf, kill, killTree, read } from '../../process/tree.js';
import { unnamedFile } from '../../process/unnamed-file.js';
import { SandboxFailure } from '../../types.js';
import { AnswerClock } from './answer-clock.js';
import { bootConfig, bootWords, type ZygoteOptions } from './boot.js';
import { closeSlot, openSlot, type Slot } from './slot.js';
import { Waiters } from './waiters.js';

/** Milliseconds within which most servers that have something to do ask for the next slot. */
const LATER_MS = 20;
/** Characters of its complaints that are kept, and of a line that it answers. */
const COMPLAINTS = 2000;
const SLOT = /^slot \d+ \d+(?: \w+=\d+)+$/;

/** An interpreter that has started, in a root like that of a sandbox, and forks sandboxes that wait for a program. */
export class Zygote {
  readonly folder: string;
  readonly file: string;
  readonly tmpSize: number;
  /** Resolves, with why, when it is gone and all its sandboxes with it. */
  readonly gone: Promise<Error>;
  /** How many slots it was asked for. */
  forks = 0;
  private readonly child: ChildProcess;
  private readonly ready: Slot[] = [];
  private readonly waiting = new Waiters();
  private readonly ends = new Map<number, () => void>();
  /** Of slots that no program is in yet: it can wait until there is something else to say. */
  private readonly untold: string[] = [];
  private teller: NodeJS.Timeout | undefined;
  private readonly keep: number;
  private readonly groups: SlotGroups | undefined;
  private readonly clock: AnswerClock;
  host = 0;
  private asked = 0;
  private isGone = false;
  private retired = false;
  private served = false;
  private complaints = '';
  private rest = '';
  private reason = '';

  /** `keep`: slots that wait. */
  constructor(options: ZygoteOptions, keep: number) {
    this.folder = options.folder;
    this.file = options.file;
    this.tmpSize = options.plan.tmpSize;
    this.keep = keep;
    this.groups = options.groups;
    const config = unnamedFile(bootConfig(options));
    try {
      this.child = spawned(bootWords(options.warm), {
        cwd: '/',
        env: {},
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe', config],
        ...(options.users === null && options.plan.user !== null
          ? { uid: options.plan.user.uid, gid: options.plan.user.gid }
          : {}),
      });
    } finally {
      closeSync(config);
    }
    this.child.stdin?.on('error', () => undefined);
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaints = (this.complaints + text).slice(0, COMPLAINTS);
    });
    this.child.stdout?.setEncoding('latin1').on('data', (text: string) => this.hear(text));
    this.gone = new Promise((resolve) => {
      const over = (why: string) => resolve(this.over(why));
      this.child.on('error', (error) => over(messageOf(error)));
      this.child.on('close', (code, signal) => over(signal ?? `exit code ${code}`));
    });
    this.clock = new AnswerClock({ ping: () => this.tell('ping'), hangs: (why) => this.end(why) });
  }

  /** Slots that are taken and not yet at their end. */
  get live(): number {
    return this.ends.size;
  }

  get alive(): boolean {
    return !this.isGone;
  }

  /** Whether it has ever answered with a slot. */
  get hasServed(): boolean {
    return this.served;
  }

  /** Whether it has forked a slot, or could have. */
  get isReady(): boolean {
    return this.host !== 0;
  }

  get isRetired(): boolean {
    return this.retired;
  }

  /** A slot that waits, or the next one. Rejects with SandboxFailure where the zygote is gone, and when nobody wants it any more. */
  take(signal: AbortSignal): Promise<Slot> {
    const slot = this.ready.shift();
    if (slot !== undefined) {
      // The program goes first.
      setImmediate(() => this.refill());
      return Promise.resolve(slot);
    }
    if (this.isGone) return Promise.reject(new SandboxFailure('the zygote is gone'));
    // For the first slot of all as long as it takes: whether there is one tells whether programs can run warm.
    const taken = this.waiting.wait(signal, this.host === 0);
    this.refill();
    return taken;
  }

  /** Resolves when nothing is left of a slot. */
  endOf(slot: Slot): Promise<void> {
    this.clock.watch();
    return new Promise((resolve) => this.ends.set(slot.pid, resolve));
  }

  kill(slot: Slot): void {
    this.tell(`kill ${slot.pid}`);
  }

  /** A process of a slot as this process sees it, by its number in the zygote's PID namespace. */
  pidOf(number: number): number | undefined {
    return childrenOf(this.host).find((pid) => {
      const [, inside] = /^NSpid:\t\d+\t(\d+)/m.exec(innerPids(pid)) ?? [];
      return Number(inside) === number;
    });
  }

  /** No more slots; ends when those that run are over. */
  retire(): void {
    this.retired = true;
    for (const slot of this.ready.splice(0)) closeSlot(slot);
    this.tell();
    if (this.live > 0 || this.waiting.length > 0) return;
    this.child.stdin?.end();
    // Its end is the answer.
    if (this.alive) this.clock.asked();
  }

  /** Ends it at once, with all its sandboxes. */
  end(why: string): void {
    if (this.reason !== '') return;
    this.reason = why;
    if (this.host !== 0) kill([this.host]);
    else if (this.child.pid !== undefined) killTree(this.child.pid);
  }

  private tell(...words: string[]): void {
    // It is woken up once for all.
    const lines = [...this.untold.splice(0), ...words].map((each) => `${each}\n`);
    if (!this.isGone && lines.length > 0) this.child.stdin?.write(lines.join(''));
  }

  private tellLater(words: string): void {
    this.untold.push(words);
    this.teller ??= setTimeout(() => {
      this.teller = undefined;
      this.tell();
    }, LATER_MS);
  }

  private refill(): void {
    if (this.host === 0 || this.isGone) return;
    const wanted = this.waiting.length + (this.retired ? 0 : this.keep - this.ready.length);
    const more = Math.max(0, wanted - this.asked);
    this.forks += more;
    this.asked += more;
    if (more > 0) this.tell(...Array.from({ length: more }, () => this.groups?.order() ?? 'fork'));
    if (this.asked > 0) this.clock.asked();
  }

  private hear(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'ready') this.begin();
      else if (SLOT.test(line) && this.asked > 0) this.add(line);
      else if (/^over \d+$/.test(line)) this.slotIsOver(Number(line.slice(5)));
      else if (/^gone \d+$/.test(line)) this.slotIsGone(Number(line.slice(5)));
      else if (line.startsWith('none ') && this.asked > 0) this.miss(line.slice(5));
      else if (line === 'pong') this.clock.heard(this.asked > 0);
      else this.end(`it answered ${firstWords(line)}`);
    }
    if (this.rest.length > COMPLAINTS) this.end('it answered without end');
  }

  private begin(): void {
    const [host] = childrenOf(this.child.pid ?? 0);
    if (host === undefined) return;
    this.host = host;
    this.clock.heard(false);
    this.refill();
  }

  private add(line: string): void {
    this.asked -= 1;
    this.served = true;
    this.clock.heard(this.asked > 0);
    try {
      const slot = this.withGroup(openSlot(line, this.host), line);
      this.tellLater(`opened ${slot.pid}`);
      if (this.waiting.length === 0 && !this.retired) this.ready.push(slot);
      else {
        this.tell();
        if (!this.waiting.give(slot)) closeSlot(slot);
      }
    } catch {
      // Gone already, or without descriptors here.
      this.end('its pipes cannot be opened');
      return;
    }
    this.refill();
  }

  private withGroup(slot: Slot, line: string): Slot {
    const { groups } = this;
    const group = groups?.born(line.endsWith(' cgroup=1'));
    if (groups === undefined || group === undefined) return slot;
    return { ...slot, born: { group, giveBack: () => groups.giveBack(group) } };
  }

  /** There is no slot for now: runs that wait go cold, and the next one asks again. */
  private miss(why: string): void {
    this.asked -= 1;
    this.groups?.missed();
    this.clock.heard(this.asked > 0);
    this.waiting.fail(new SandboxFailure(`a zygote made no sandbox: ${firstWords(why)}`));
    if (this.retired) this.retire();
  }

  private slotIsGone(pid: number): void {
    this.ends.get(pid)?.();
    this.ends.delete(pid);
    if (this.live === 0) this.clock.rest();
    this.drop(pid);
    if (this.retired) this.retire();
  }

  /** One that is gone as soon as the zygote is told that its pipes have been opened. */
  private slotIsOver(pid: number): void {
    this.drop(pid);
    this.tell();
  }

  private drop(pid: number): void {
    const unused = this.ready.findIndex((slot) => slot.pid === pid);
    for (const slot of unused < 0 ? [] : this.ready.splice(unused, 1)) {
      closeSlot(slot);
      slot.born?.giveBack();
    }
  }

  private over(why: string): Error {
    this.isGone = true;
    this.clock.stop();
    for (const slot of this.ready.splice(0)) closeSlot(slot);
    const words = this.reason || firstWords(this.complaints) || why;
    const failure = new SandboxFailure(`a zygote ended: ${words}`);
    this.waiting.fail(failure);
    for (const end of this.ends.values()) end();
    this.ends.clear();
    return failure;
  }
}

function innerPids(pid: number): string {
  return read(`/proc/${pid}/status`);
}
