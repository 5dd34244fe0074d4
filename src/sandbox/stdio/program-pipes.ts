import { closeSync, constants, fchmodSync, fchownSync, openSync, readSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { codeOf } from '../../errors.js';
import { Collector } from '../process/collector.js';
import type { Output } from '../types.js';

/** Whom a program runs as; undefined: this process's own user. */
export type Owner = { uid: number; gid: number } | undefined;

const CHUNK = 64 * 1024;

export class OutputPipe {
  readonly theirs: number;
  readonly ended: Promise<void>;
  private readonly ours: number;
  private readonly socket: Socket;
  private readonly collector: Collector;
  private open = true;

  /** `ours`: the reading end of an empty pipe. `cap`: bytes that are kept. */
  constructor(ours: number, cap: number, owner: Owner) {
    this.ours = ours;
    this.collector = new Collector(cap);
    this.theirs = openAnew(ours, constants.O_WRONLY);
    handOver(this.theirs, owner);
    this.socket = new Socket({ fd: ours, readable: true, writable: false });
    this.socket.on('data', (chunk: Buffer) => this.collector.add(chunk)).on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'close']) {
        this.socket.on(event, () => {
          this.open = false;
          resolve();
        });
      }
    });
  }

  /** The program is over: takes what is still in the pipe, whoever else may hold it open, and closes it. */
  finish(): Output {
    while (this.open) {
      const chunk = this.next();
      if (chunk === undefined) break;
      this.collector.add(chunk);
    }
    this.open = false;
    this.socket.destroy();
    return this.collector.output();
  }

  private next(): Buffer | undefined {
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    try {
      const length = readSync(this.ours, chunk);
      return length === 0 ? undefined : chunk.subarray(0, length);
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') return undefined;
      throw error;
    }
  }
}

/** A pipe that a program reads from. `theirs` is to be closed as soon as it is spawned. */
export class InputPipe {
  readonly theirs: number;
  private readonly socket: Socket | undefined;

  /** `pipe`: the reading end of an empty pipe, closed here. */
  constructor(pipe: number, text: string, owner: Owner) {
    this.theirs = openAnew(pipe, constants.O_RDONLY);
    const ours = openAnew(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(pipe);
    handOver(this.theirs, owner);
    const bytes = Buffer.from(text);
    const rest = bytes.subarray(writeSync(ours, bytes));
    if (rest.length === 0) closeSync(ours);
    else {
      this.socket = new Socket({ fd: ours, readable: false, writable: true });
      this.socket.on('error', () => undefined).end(rest);
    }
  }

  close(): void {
    this.socket?.destroy();
  }
}

function openAnew(fd: number, flags: number): number {
  return openSync(`/proc/self/fd/${fd}`, flags);
}

/** Lets a program of another user open its own /dev/stdout by name. */
function handOver(fd: number, owner: Owner): void {
  if (owner === undefined) return;
  try {
    fchownSync(fd, owner.uid, owner.gid);
  } catch {
    // A root that may not give files away.
    fchmodSync(fd, 0o666);
  }
}
