import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { follow } from '../support/follow.js';
import { builtProgram } from '../support/programs.js';

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
const PROGRAMS = {
  fleet: await builtProgram(here('programs/fleet.ts')),
  end: await builtProgram(here('programs/end.ts')),
};

/** The built command line tool, as a user runs it in a pipe. */
export function sandboxctl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return ended(start([process.execPath, CLI, ...args], options));
}

/** The words that run one of this folder's programs. */
export function program(name: keyof typeof PROGRAMS, ...args: string[]): string[] {
  return [process.execPath, PROGRAMS[name], ...args];
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
  const { code, stdout, stderr } = await follow(child).ended;
  return { code, stdout, stderr };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for escape sequences
export const COLOR = /\u001b\[[0-9;]+m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for escape sequences
export const ESCAPE = /[\u001b\r]/;
