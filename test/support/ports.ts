import { createServer, type Server } from 'node:net';

/** Below those that the kernel gives to whoever asks for any, and those of test clusters (test/cluster/record.ts). */
const FIRST = 20_000;
const BLOCKS = 300;
const BLOCK = 20;

export interface OwnPorts {
  first: number;
  last: number;
  release(): Promise<void>;
}

/**
 * Ports on loopback that nothing else of the tests takes, of this run or another on this machine, also while nobody
 * listens at them: until `release`, this process listens at the one before the first.
 */
export async function ownPorts(): Promise<OwnPorts> {
  for (let block = 0; block < BLOCKS; block += 1) {
    const at = FIRST + block * BLOCK;
    const held = await listening(at);
    if (held === undefined) continue;
    const [first, last] = [at + 1, at + BLOCK - 1];
    if (await areFree(first, last)) return { first, last, release: () => closed(held) };
    await closed(held);
  }
  throw new Error(`no ${BLOCK} ports in a row are free from ${FIRST} on`);
}

/** Nothing of a run that was killed may be there still. */
async function areFree(first: number, last: number): Promise<boolean> {
  for (let port = first; port <= last; port += 1) {
    const server = await listening(port);
    if (server === undefined) return false;
    await closed(server);
  }
  return true;
}

function listening(port: number): Promise<Server | undefined> {
  const server = createServer().unref();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen(port, '127.0.0.1', () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
