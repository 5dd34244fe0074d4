import { type ChildProcess, spawn } from 'node:child_process';
import { type Ended, follow } from './follow.js';

export type { Ended };

export interface ServerProcess {
  process: ChildProcess;
  /** What it has written to stderr so far. */
  stderr(): string;
  ended: Promise<Ended>;
  /** Sends a signal, SIGTERM by default, and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
  /** The URL of its `ready on` line. Rejects if it ends before that. */
  ready(): Promise<string>;
}

/** Starts a command that serves, as a user would. Neither the tester's configuration nor state reaches it. */
export function startServer(
  [file = '', ...args]: readonly string[],
  {
    env = {},
    cwd = '/',
    input,
  }: { env?: Readonly<Record<string, string>>; cwd?: string; input?: string | undefined } = {},
): ServerProcess {
  const { PATH } = process.env;
  const child = spawn(file, args, {
    cwd,
    env: { PATH, HOME: '/nonexistent', SANDBOXCTL_STATE_DIR: '/nonexistent/state', ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
  });
  const { written, ended, line } = follow(child);
  child.stdin?.end(input);
  return {
    process: child,
    stderr: () => written.stderr,
    ended,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    ready: async () => (await line(/ready on http:\S+/)).replace(/.*ready on (http:\S+).*/, '$1'),
  };
}
