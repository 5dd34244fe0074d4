import { spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { begin } from './begin.js';
import { usableCpus } from './capacity.js';
import { discover } from './discover.js';
import type { Plan } from './plan.js';
import { Sandbox } from './sandbox.js';
import { httpServer } from './server.js';

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
  plan: Plan;
  /** Ends the listening, and resolves when the runs under way have ended. */
  close(): Promise<void>;
}

const OUTPUT_CAP = 64 * 2 ** 20;
const TMP_SIZE = 512 * 2 ** 20;
/** The part of the memory that programs may use together; the rest is for the machine and for answers. */
const MEMORY_PART = 0.8;
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Starts the embedded server. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { env, isolation } = options;
  const slots = options.maxConcurrency ?? usableCpus(env);
  const found = discover({
    isolation,
    env,
    network: false,
    outputCap: OUTPUT_CAP,
    tmpSize: TMP_SIZE,
    own: [PACKAGE],
  });
  const { isolated, plan } = await begin(found.plan, slots);
  const tool = (name: string) => found.tools.get(name)?.path ?? name;
  const sandbox = new Sandbox({
    isolation: isolated.run,
    has: (name) => found.tools.has(name),
    tool,
    cppFlags: found.tools.has('g++') ? librariesOf(tool('g++')) : [],
    memory: Math.floor((totalmem() * MEMORY_PART) / slots),
    slots,
  });
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
    plan,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      await isolated.close();
    },
  };
}

/** Libraries that programs in C++ are linked with where they are here, as the recorded server does. */
function librariesOf(compiler: string): string[] {
  return ['crypto', 'ssl', 'pthread'].flatMap((name) => {
    const file = ['so', 'a'].map((ending) => `lib${name}.${ending}`);
    const there = file.some((each) => {
      const { stdout } = spawnSync(compiler, [`-print-file-name=${each}`], { encoding: 'utf8' });
      return stdout?.startsWith('/') === true;
    });
    return there ? [`-l${name}`] : [];
  });
}
