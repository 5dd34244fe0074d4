import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { Output } from '../commands/context.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';

/** One of this process's standard streams. */
export interface StandardStream extends Output {
  /** Resolves when all that was written has left the process. Nothing can be written afterwards. */
  end(): Promise<void>;
}

export interface StreamOptions {
  color: boolean;
  /** Called with each write that failed, with the reader gone (EPIPE) too. */
  onFailed: (error: unknown) => void;
}

type Write = (data: Buffer, done: (error?: unknown) => void) => void;

/** `fd` is the stream's own. */
export function standardStream(
  stream: NodeJS.WriteStream,
  fd: number,
  { color, onFailed }: StreamOptions,
): StandardStream {
  // Each write is told of its own failure; without a listener Node would end the process for it.
  stream.on('error', () => undefined);
  const isTTY = stream.isTTY === true;
  const file = isTTY ? undefined : fileAt(fd);
  let open = true;
  const put: Write = file === undefined ? intoStream(stream) : (data, done) => done(writeWhole(fd, data));
  const write = (data: Buffer, done: (error?: unknown) => void = () => undefined) => {
    if (!open) return done();
    put(data, (error) => {
      if (error) onFailed(error);
      done(error);
    });
  };
  return {
    write: (text) => write(Buffer.from(text)),
    line: (text) => write(Buffer.from(`${text}\n`)),
    bytes: (data) =>
      new Promise((resolve, reject) => {
        write(data, (error) => (error && codeOf(error) !== 'EPIPE' ? reject(unwritten(error)) : resolve()));
      }),
    isTTY,
    get columns() {
      return stream.columns ?? 0;
    },
    get rows() {
      return stream.rows ?? 0;
    },
    color,
    async end() {
      await new Promise<void>((resolve) => write(Buffer.of(), () => resolve()));
      if (!open) return;
      open = false;
      // A network file system and its quotas say no as late as here.
      const error = file === 'regular' ? attempt(() => closeSync(fd)) : undefined;
      if (error) onFailed(error);
    },
  };
}

/** What Node itself would write to a file takes a write of which the disk took a part for a whole one. */
function writeWhole(fd: number, data: Buffer): unknown {
  return attempt(() => {
    for (let at = 0; at < data.length; ) at += writeSync(fd, data, at);
  });
}

function intoStream(stream: NodeJS.WriteStream): Write {
  return (data, done) => {
    if (stream.writable) stream.write(data, done);
    else done();
  };
}

function attempt(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Undefined for a pipe or a socket, which Node writes to well. */
function fileAt(fd: number): 'regular' | 'device' | undefined {
  const stat = fstatSync(fd);
  if (stat.isFile()) return 'regular';
  return stat.isFIFO() || stat.isSocket() ? undefined : 'device';
}

/** What to do, by what the system said. */
const ELSEWHERE = 'send it to another place, such as a file on another disk, and run this again';
const UNWRITTEN_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "free some space there ('df' shows which disk is full), or send it elsewhere",
  EDQUOT: "your quota there is used up ('quota' shows it): free some space, or send it elsewhere",
  EBADF: 'give this command an open standard output; > /dev/null drops what it prints',
};

/** The kernel's words stand in the first line too, as from any other tool. */
export function unwritten(cause: unknown): SandboxctlError {
  const words = messageOf(cause);
  const [, said = words] = /^\w+: (.*?)(?:, \w+)?$/.exec(words) ?? [];
  return new SandboxctlError('tool', {
    what: `the output could not be written: ${said.charAt(0).toUpperCase()}${said.slice(1)}`,
    words,
    hint: UNWRITTEN_HINTS[codeOf(cause) ?? ''] ?? ELSEWHERE,
    cause,
  });
}
