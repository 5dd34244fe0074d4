import { type ChildProcess, spawn } from 'node:child_process';
import type { Server } from 'node:net';
import { fileURLToPath } from 'node:url';

const HELPER = fileURLToPath(new URL('../../templates/gateway/pass-port.py', import.meta.url));

/**
 * Passes listening sockets between processes of one user on one machine: no connection is lost, since the queue of the
 * socket lives on. Needs Python 3; without it nothing is passed.
 */
function helper(verb: 'give' | 'take', name: string): ChildProcess {
  const child = spawn('python3', ['-I', '-S', HELPER, verb, name], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('error', () => undefined);
  return child;
}

/** Keeps it for who takes it under this name; `onGiven` is called once. The function returned withdraws it. */
export function givePort(server: Server, name: string, onGiven: () => void): () => void {
  const child = helper('give', name);
  child.once('message', onGiven);
  child.send('give', handleOf(server) as never, () => undefined);
  child.unref();
  child.channel?.unref();
  return () => void child.kill('SIGKILL');
}

/** What `listen` takes; undefined if nobody on this machine gives a port under this name. */
export function takePort(name: string): Promise<object | undefined> {
  const child = helper('take', name);
  return new Promise((resolve) => {
    child.once('message', (_word, handle) => resolve(handle as unknown as object));
    child.once('error', () => resolve(undefined));
    child.once('exit', () => resolve(undefined));
  });
}

/** Undocumented, but what `subprocess.send` takes as it is: a `net.Server` would begin to accept in the helper. */
export function handleOf(server: Server): unknown {
  return (server as unknown as { _handle: unknown })._handle;
}
