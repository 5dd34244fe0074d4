import type { Io, Output } from '../commands/context.js';
import { codeOf } from '../errors.js';

export interface TerminalIo extends Io {
  /** Resolves when all that was written has left the process. */
  flush(): Promise<void>;
  /** A view that is redrawn in place; it leaves the screen while a question stands there. */
  screen?: { pause(): void; resume(): void };
}

export interface IoOptions {
  env: NodeJS.ProcessEnv;
  noColor: boolean;
  /** Ends a question that is waiting for its answer. */
  signal: AbortSignal;
  /** Called when the reader of stdout has gone away (EPIPE). */
  onReaderGone: () => void;
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
  stdout.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') options.onReaderGone();
    else throw error;
  });
  // Without stderr there is no place left to tell anything, and a lost terminal (EIO) is no failure.
  stderr.on('error', () => undefined);
  const io: TerminalIo = {
    stdout: output(stdout, options),
    stderr: output(stderr, options),
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
    flush: async () => {
      await Promise.all([drained(stdout), drained(stderr)]);
    },
  };
  return io;
}

function output(stream: NodeJS.WriteStream, { env, noColor }: IoOptions): Output {
  const isTTY = stream.isTTY === true;
  const write = (text: string) => {
    if (stream.writable) stream.write(text);
  };
  return {
    write,
    line: (text) => write(`${text}\n`),
    isTTY,
    get columns() {
      return stream.columns ?? 0;
    },
    get rows() {
      return stream.rows ?? 0;
    },
    color: wantsColor({ noColor, env, isTTY }),
  };
}

async function readStdin(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writable) stream.write('', () => resolve());
    else resolve();
  });
}
