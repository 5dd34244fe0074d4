import type { Io } from '../commands/context.js';
import { type StandardStream, standardStream } from './output.js';

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
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}
