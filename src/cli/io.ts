import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { Io, Output } from '../commands/context.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';

/** One of this process's standard streams. */
interface StandardStream extends Output {
  /** Resolves when all that was written has left the process. Nothing can be written afterwards. */
  end(): Promise<void>;
}

export interface TerminalIo extends Io {
  stdout: StandardStream;
  stderr: StandardStream;
  /** A view that is redrawn in place; it leaves the screen while a question stands there. */
  screen?: { pause(): void; resume(): void };
}

export interface IoOptions {
  env: NodeJS.ProcessEnv;
  noColor: boolean;
  /** Ends a question that is waiting for its answer. */
  signal: AbortSignal;
  /** Called when stdout does not take what is written. */
  onUnwritten: (error: unknown) => void;
}

export interface ColorFacts {
  /** --no-color was given. */
  noColor: boolean;
  env: NodeJS.ProcessEnv;
  isTTY: boolean;
}

/**
 * Whether one stream gets colour: --no-color, then NO_COLOR (when not empty), then FORCE_COLOR and
 * CLICOLOR_FORCE, then whether the stream is a terminal that can show it.
 */
export function wantsColor({ noColor, env, isTTY }: ColorFacts): boolean {
  if (noColor || (env.NO_COLOR ?? '') !== '') return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (!['', '0', undefined].includes(env.CLICOLOR_FORCE)) return true;
  return isTTY && env.TERM !== 'dumb';
}

/** The three standard streams of this process. */
export function createIo(options: IoOptions): TerminalIo {
  const { stdout, stderr } = process;
  const color = (stream: NodeJS.WriteStream) => wantsColor({ ...options, isTTY: stream.isTTY === true });
  const io: TerminalIo = {
    stdout: standardStream(stdout, 1, { color: color(stdout), onFailed: options.onUnwritten }),
    // Without stderr there is no place left to tell anything: what fails there is no failure of the command.
    stderr: standardStream(stderr, 2, { color: color(stderr), onFailed: () => undefined }),
    stdin: readStdin,
    confirm: async (question) => {
      const { confirm } = await import('./question.js');
      io.screen?.pause();
      try {
        return await confirm(question, io.stderr, options.signal);
      } finally {
        io.screen?.resume();
      }
    },
    ask: async (question) => {
      const { ask } = await import('./question.js');
      return ask(question, io.stderr, options.signal);
    },
  };
  return io;
}

async function readStdin(): Promise<string> {
  try {
    // Node takes what it cannot read for the end of input.
    if (fstatSync(0).isDirectory()) throw new Error('EISDIR: illegal operation on a directory, read');
    process.stdin.setEncoding('utf8');
    let text = '';
    for await (const chunk of process.stdin) text += String(chunk);
    return text;
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: 'standard input cannot be read',
      words: messageOf(error),
      hint: 'pipe a text into this command, or name a file',
      cause: error,
    });
  }
}

interface StreamOptions {
  color: boolean;
  /** Called with each write that failed, with the reader gone (EPIPE) too. */
  onFailed: (error: unknown) => void;
}

type Write = (data: Buffer, done: (error?: unknown) => void) => void;

/** `fd` is the stream's own. */
function standardStream(
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
const ELSEWHERE = 'choose another place for it, such as a file on another disk, and run this again';
const UNWRITTEN_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "free some space there ('df' shows which disk is full), or send it elsewhere",
  EDQUOT: "your quota there is used up ('quota' shows it): free some space, or send it elsewhere",
  EBADF: 'choose a place for it that is open to be written; > /dev/null drops what this prints',
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
