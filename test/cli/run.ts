import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CLI = here('../../bin/sandboxctl.js');
const TSX = fileURLToPath(import.meta.resolve('tsx'));

/** The built command line tool, as a user runs it in a pipe. */
export function sandboxctl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return ended(start([process.execPath, CLI, ...args], options));
}

/** The words that run one of this folder's programs. */
export function program(name: 'fleet' | 'end', ...args: string[]): string[] {
  return [process.execPath, '--import', TSX, here(`programs/${name}.ts`), ...args];
}

export function cli(...args: string[]): string[] {
  return [process.execPath, CLI, ...args];
}

export interface Terminal {
  columns?: number;
  rows?: number;
  /** Sent once `waitFor` was seen; escapes such as `\x03` are understood. */
  send?: string;
  waitFor?: string;
}

/** On a terminal of its own: stdout is what the terminal got, of both streams. */
export function onTerminal(
  argv: readonly string[],
  terminal: Terminal = {},
  options: RunOptions = {},
): Promise<Ended> {
  const { columns = 80, rows = 24, send = '', waitFor = '' } = terminal;
  const words = [
    'python3',
    here('programs/terminal.py'),
    String(columns),
    String(rows),
    waitFor,
    send,
    ...argv,
  ];
  return ended(start(words, options));
}

export function start(argv: readonly string[], { env, cwd }: RunOptions = {}): ChildProcess {
  const [file = '', ...args] = argv;
  // Built anew: neither the colour nor the CI of who runs the tests may show in them.
  const base = { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm-256color' };
  return spawn(file, args, { env: { ...base, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk) => {
      text[name] += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, ...text };
}

/** Resolves when the child said `words` on stderr; rejects when it ends without. */
export function said(child: ChildProcess, words: string): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      if (text.includes(words)) resolve();
    });
    child.on('close', (code) => reject(new Error(`it ended (${code}) without '${words}':\n${text}`)));
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for escape sequences
export const COLOR = /\u001b\[[0-9;]+m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for escape sequences
export const ESCAPE = /[\u001b\r]/;
