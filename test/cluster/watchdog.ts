import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx/cli'));

/**
 * Takes the cluster down when this process ends without having done so, SIGKILL included: the watchdog
 * waits for a line, and gets the end of the pipe instead. Returns what calls it off.
 */
export function watchOver(name: string): () => void {
  const script = 'read -r line || exec "$@"';
  const watchdog = spawn('sh', ['-c', script, 'sh', process.execPath, TSX, CLI, 'down', name], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  return () => void watchdog.stdin.end('done\n');
}
