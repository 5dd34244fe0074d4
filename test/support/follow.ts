import type { ChildProcess } from 'node:child_process';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Followed {
  /** What it has written so far. */
  written: { readonly stdout: string; readonly stderr: string };
  /** Rejects where it could not be started. */
  ended: Promise<Ended>;
  /** The first line with this text, of stderr by default. Rejects if the process ends without it. */
  line(wanted: string | RegExp, from?: 'stdout' | 'stderr'): Promise<string>;
}

/** Keeps what a process writes, and waits for its lines and its end. */
export function follow(child: ChildProcess): Followed {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      written[name] += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal, ...written }));
  });
  // Not everybody waits for the end.
  ended.catch(() => undefined);
  return {
    written,
    ended,
    line: (wanted, from = 'stderr') =>
      new Promise((resolve, reject) => {
        const fits = (line: string) =>
          typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line);
        const look = () => {
          const found = written[from].split('\n').find(fits);
          if (found === undefined) return;
          child[from]?.off('data', look);
          resolve(found);
        };
        child[from]?.on('data', look);
        look();
        ended.then(({ code, signal, stderr }) => {
          reject(new Error(`it ended with ${signal ?? code}, without '${wanted}':\n${stderr}`));
        }, reject);
      }),
  };
}
