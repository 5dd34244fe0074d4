import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export interface Started {
  pid: number;
  stop(): Promise<void>;
}

/** Runs a server until `stop`, as user `id` where this is root. Throws what it said where it never listens. */
export async function started(argv: readonly string[], port: number, id?: number): Promise<Started> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(id !== undefined && process.getuid?.() === 0 ? { uid: id, gid: id } : {}),
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (child.exitCode !== null || tries > 300) {
      await ended(child);
      throw new Error(`${file} does not listen on ${port}: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { pid: child.pid ?? 0, stop: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/v1/ping`).then(
    () => true,
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
