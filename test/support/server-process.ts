import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  code: number | null;
  stderr: string;
}

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
  { env = {}, cwd = '/' }: { env?: Readonly<Record<string, string>>; cwd?: string } = {},
): ServerProcess {
  const { PATH } = process.env;
  const child = spawn(file, args, {
    cwd,
    env: { PATH, HOME: '/nonexistent', SANDBOXCTL_STATE_DIR: '/nonexistent/state', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let written = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    written += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stderr: written }));
  });
  return {
    process: child,
    stderr: () => written,
    ended,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    ready: () =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = /ready on (http:\S+)/.exec(written)?.[1];
          if (found !== undefined) resolve(found);
        };
        child.stderr?.on('data', look);
        look();
        void ended.then(({ code, stderr }) => reject(new Error(`it ended with ${code}: ${stderr}`)));
      }),
  };
}
