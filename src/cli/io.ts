import { closeSync, fstatSync, writeSync } from 'node:fs';
import type { Io, Output } from '../commands/context.js';
import { codeOf, messageOf, printable, printableLines, SandboxctlError } from '../errors.js';

interface StandardStream extends Output {
  /** Resolves when everything has been written. Nothing can be written afterwards. */
  end(): Promise<void>;
}

export interface TerminalIo extends Io {
  stdout: StandardStream;
  stderr: StandardStream;
  /** The live view, if one is shown; it is removed while a question is on the screen. */
  screen?: { pause(): void; resume(): void };
}

export interface IoOptions {
  env: NodeJS.ProcessEnv;
  noColor: boolean;
  signal: AbortSignal;
  onOutputError: (error: unknown) => void;
}

export interface ColorFacts {
  noColor: boolean;
  env: NodeJS.ProcessEnv;
  isTTY: boolean;
}

/** In this order: --no-color, NO_COLOR (if not empty), FORCE_COLOR, CLICOLOR_FORCE, whether the stream is a terminal. */
export function wantsColor({ noColor, env, isTTY }: ColorFacts): boolean {
  if (noColor || (env.NO_COLOR ?? '') !== '') return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (!['', '0', undefined].includes(env.CLICOLOR_FORCE)) return true;
  return isTTY && env.TERM !== 'dumb';
}

export function createIo(options: IoOptions): TerminalIo {
  const { stdout, stderr } = process;
  const color = (stream: NodeJS.WriteStream) => wantsColor({ ...options, isTTY: stream.isTTY === true });
  const io: TerminalIo = {
    stdout: standardStream(stdout, 1, { color: color(stdout), onFailed: options.onOutputError }),
    // If stderr fails there is nowhere to report it, so the command does not fail for it.
    stderr: standardStream(stderr, 2, { color: color(stderr), onFailed: () => undefined }),
    stdin: readStdin,
    stdinIsGiven: () => {
      const { isFile, isFIFO, size } = given(0);
      return isFIFO || (isFile && size > 0);
    },
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

function given(fd: number): { isFile: boolean; isFIFO: boolean; size: number } {
  try {
    const found = fstatSync(fd);
    return { isFile: found.isFile(), isFIFO: found.isFIFO(), size: found.size };
  } catch {
    return { isFile: false, isFIFO: false, size: 0 };
  }
}

async function readStdin(): Promise<string> {
  try {
    // Node treats a directory as an empty input.
    if (fstatSync(0).isDirectory()) throw new Error('EISDIR: illegal operation on a directory, read');
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    const { strictText } = await import('../text/utf8.js');
    return strictText(Buffer.concat(chunks));
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: 'cannot read standard input',
      detail: messageOf(error),
      hint: 'pipe text into this command, or name a file',
      cause: error,
    });
  }
}

interface StreamOptions {
  color: boolean;
  /** Called at each failed write, also if the reader is gone (EPIPE). */
  onFailed: (error: unknown) => void;
}

type Write = (data: Buffer, done: (error?: unknown) => void) => void;

function standardStream(
  stream: NodeJS.WriteStream,
  fd: number,
  { color, onFailed }: StreamOptions,
): StandardStream {
  // Each write gets its own error; without a listener Node would exit.
  stream.on('error', () => undefined);
  const isTTY = stream.isTTY === true;
  const file = isTTY ? undefined : fileAt(fd);
  let open = true;
  const send: Write = file === undefined ? intoStream(stream) : (data, done) => done(writeWhole(fd, data));
  const write = (data: Buffer, done: (error?: unknown) => void = () => undefined) => {
    if (!open) return done();
    send(data, (error) => {
      if (error) onFailed(error);
      done(error);
    });
  };
  return {
    // What a program reads stays as it is.
    write: (text) => write(Buffer.from(isTTY ? printableScreen(text) : text)),
    line: (text, label = '') => write(Buffer.from(`${label}${printable(text)}\n`)),
    bytes: (data) =>
      new Promise((resolve, reject) => {
        write(data, (error) => (error && codeOf(error) !== 'EPIPE' ? reject(outputError(error)) : resolve()));
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
      // A network file system may report a full quota only now.
      const error = file === 'regular' ? attempt(() => closeSync(fd)) : undefined;
      if (error) onFailed(error);
    },
  };
}

const CLEAR_LINE = '\r\u001b[K';

function printableScreen(text: string): string {
  if (!text.startsWith(CLEAR_LINE)) return printableLines(text);
  return CLEAR_LINE + printableLines(text.slice(CLEAR_LINE.length));
}

/** Node counts a partial write to a file (a full disk) as a whole one. */
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

/** Undefined for a pipe or a socket: there Node reports errors itself. */
function fileAt(fd: number): 'regular' | 'device' | undefined {
  const stat = fstatSync(fd);
  if (stat.isFile()) return 'regular';
  return stat.isFIFO() || stat.isSocket() ? undefined : 'device';
}

const ELSEWHERE = 'send the output to another place, such as a file on another disk, and run this again';
const OUTPUT_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "free some space there ('df' shows which disk is full), or send the output to another place",
  EDQUOT:
    "your quota there is used up ('quota' shows it): free some space, or send the output to another place",
  EBADF: 'redirect stdout to a place that can be written; > /dev/null discards the output',
};

export function outputError(cause: unknown): SandboxctlError {
  const words = messageOf(cause);
  const [, said = words] = /^\w+: (.*?)(?:, \w+)?$/.exec(words) ?? [];
  return new SandboxctlError('tool', {
    what: `cannot write the output: ${said.charAt(0).toUpperCase()}${said.slice(1)}`,
    detail: words,
    hint: OUTPUT_HINTS[codeOf(cause) ?? ''] ?? ELSEWHERE,
    cause,
  });
}
