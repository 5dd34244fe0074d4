import { type ChildProcess, spawn } from 'node:child_process';

// Both read from a pipe whose other end this process holds: the kernel closes it, however this process ends.

/** Ends its whole process group: g++ leaves its compiler behind where it is ended alone. */
const ENDING = `exec 3<&0 </dev/null
{ read -r _ <&3 || kill -KILL 0; } &
"$@" 3<&-
code=$?
kill $!
exit $code`;

/** Words for a process group of its own, with a pipe as stdin: when the pipe's other end is closed, all of it ends. */
export function endingWithThis(words: readonly string[]): string[] {
  return ['/bin/sh', '-c', ENDING, 'sh', ...words];
}

/** Waits for the end of this process, or of its own stdin, and removes a folder then. */
export function removedWithThis(folder: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', 'read -r _; rm -rf -- "$1"', 'sh', folder], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    // What ends the server's group must not end it.
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}
