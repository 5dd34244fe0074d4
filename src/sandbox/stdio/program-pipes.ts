import { closeSync, constants, fchmodSync, fchownSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { codeOf } from '../../errors.js';
import { Collector } from '../process/collector.js';
import type { Output } from '../types.js';
import { PipeReader } from './pipe-reader.js';

/** The user that a program runs as; undefined: this process's own. */
export type Owner = { uid: number; gid: number } | undefined;

export class OutputReader {
  private readonly reader: PipeReader;
  private readonly collector: Collector;

  /** `ours`: the reading end, non-blocking. `cap`: bytes that are kept. */
  constructor(ours: number, cap: number) {
    this.collector = new Collector(cap);
    this.reader = new PipeReader(ours, (chunk) => this.collector.add(chunk));
  }

  /** Reads from now on, so that the program never waits for room. Resolves when nobody can write any more. */
  watch(): Promise<void> {
    return this.reader.watch();
  }

  /** Call when the program has ended: reads the rest, even if another process keeps the pipe open, and closes it. */
  finish(): Output {
    this.reader.finish();
    return this.collector.output();
  }
}

/** A pipe that a program writes to. Close `theirs` as soon as it is spawned. */
export class OutputPipe extends OutputReader {
  readonly theirs: number;

  /** `ours`: the reading end of an empty pipe. `cap`: bytes that are kept. */
  constructor(ours: number, cap: number, owner: Owner) {
    super(ours, cap);
    this.theirs = openAnew(ours, constants.O_WRONLY);
    handOver(this.theirs, owner);
  }
}

/** Writes a program's input, and then closes the pipe. */
export class InputWriter {
  private readonly socket: Socket | undefined;

  /** `ours`: the writing end, non-blocking, of an empty pipe. */
  constructor(ours: number, text: string | Buffer) {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    const rest = bytes.subarray(written(ours, bytes));
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

/** How many bytes the pipe took; all, if there is nobody any more who could read them. */
function written(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    if (codeOf(error) === 'EPIPE') return bytes.length;
    throw error;
  }
}

/** A pipe that a program reads from. Close `theirs` as soon as it is spawned. */
export class InputPipe extends InputWriter {
  readonly theirs: number;

  /** `pipe`: the reading end of an empty pipe, closed here. */
  constructor(pipe: number, text: string, owner: Owner) {
    const theirs = openAnew(pipe, constants.O_RDONLY);
    const ours = openAnew(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    closeSync(pipe);
    handOver(theirs, owner);
    super(ours, text);
    this.theirs = theirs;
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
