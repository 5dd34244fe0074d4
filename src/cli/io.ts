import type { Io, Output } from '../commands/context.js';
import { codeOf } from '../errors.js';
import { wantsColor } from './color.js';

export interface TerminalIo extends Io {
  /** Resolves when all that was written has left the process. */
  flush(): Promise<void>;
}

export interface IoOptions {
  env: NodeJS.ProcessEnv;
  noColor: boolean;
  /** Ends a question that is waiting for its answer. */
  signal: AbortSignal;
  /** Called when the reader of stdout has gone away (EPIPE). */
  onReaderGone: () => void;
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
      const { confirm } = await import('./confirm.js');
      return confirm(question, io.stderr, options.signal);
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
