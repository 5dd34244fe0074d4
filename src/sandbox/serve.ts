import type { AddressInfo } from 'node:net';
import { NONCE_VARIABLE } from '../api/canary.js';
import { usableCpus } from './capacity.js';
import { RECIPES } from './languages.js';
import { boxWords } from './lite/bwrap.js';
import { liteIsolation } from './lite/run.js';
import { isShown, shownPaths } from './lite/shown.js';
import { noIsolation } from './none.js';
import { Sandbox } from './sandbox.js';
import { httpServer } from './server.js';
import { findTools } from './tools.js';
import type { Isolation } from './types.js';

export interface ServeOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  isolation: 'lite' | 'none';
  /** Runs at once; null: as many as CPUs. */
  maxConcurrency: number | null;
  env: NodeJS.ProcessEnv;
}

export interface Serving {
  url: string;
  sandbox: Sandbox;
  /** Ends the listening, and resolves when the runs under way have ended. */
  close(): Promise<void>;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const OUTPUT_CAP = 64 * 2 ** 20;

/** Starts the embedded server. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { env, isolation: name } = options;
  const words = Object.values(RECIPES).flatMap(({ compile, run }) => [compile?.[0] ?? '', run[0] ?? '']);
  const tools = findTools(
    words.filter((word) => word !== '' && !word.startsWith('./')),
    env.PATH ?? PATH,
    (path) => name === 'none' || isShown(path),
  );
  const nonce = env[NONCE_VARIABLE];
  const built = {
    PATH,
    HOME: '/tmp',
    LANG: 'C.UTF-8',
    OMP_NUM_THREADS: '2',
    // Bash with a socket as stdin and no shell above it believes that it is rshd, and reads ~/.bashrc.
    SHLVL: '2',
    ...(nonce === undefined ? {} : { [NONCE_VARIABLE]: nonce }),
  };
  const isolation: Isolation =
    name === 'none'
      ? noIsolation({ env: built, outputCap: OUTPUT_CAP })
      : liteIsolation({
          box: boxWords({
            bwrap: '/usr/bin/bwrap',
            shown: shownPaths([]),
            tmpSize: 512 * 2 ** 20,
            network: false,
          }),
          env: built,
          ...(process.getuid?.() === 0 ? { user: { uid: 65_534, gid: 65_534 } } : {}),
          ulimits: () => ({ c: 0, n: 1024, p: 512, f: 2 ** 20 }),
          outputCap: OUTPUT_CAP,
        });
  const sandbox = new Sandbox({ isolation, tools, slots: options.maxConcurrency ?? usableCpus(env) });
  const server = httpServer(sandbox);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    sandbox,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
