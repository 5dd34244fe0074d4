import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../process/run.js';
import { bashQuote } from '../../text/quote.js';
import { type FolderRole, type MachineFacts, parseMachine } from '../machine-facts.js';

/** The same place from src/doctor/gather and from dist/doctor/gather. */
const SCRIPT = fileURLToPath(new URL('../../../templates/doctor.sh', import.meta.url));

export interface Asked {
  folders: ReadonlyMap<FolderRole, string>;
  ports: readonly number[];
  /** sandboxctl's own program. */
  program: string;
  /** Such as https://registry-1.docker.io; null to ask none. */
  registry: string | null;
  /** Of an image, where the nodes need one. */
  image?: string | null;
  checkout?: string | null;
  servers?: readonly { name: string; host: string; port: number }[];
  /** The program that they are asked to run, as a body of /run_code. */
  canary?: string;
  /** A file that was written before, to be seen there; null for none. */
  mark: string | null;
  /** Variables that are set for it: proxies, for the registry. They go by stdin, since others can read a command line. */
  env?: Readonly<Record<string, string>>;
}

/** What bash is to read from stdin, here or in a job. */
export async function machineScript({
  image,
  checkout,
  servers = [],
  canary = '',
  env = {},
  ...asked
}: Asked): Promise<string> {
  const { folders, ports, program, registry, mark } = asked;
  const values = {
    FOLDERS: [...folders].map(([role, path]) => `${role}=${path}`).join('\n'),
    PORTS: ports.join(' '),
    PROGRAM: program,
    NODEJS: process.execPath,
    REGISTRY: registry ?? '',
    MARK: mark ?? '',
    IMAGE: image ?? '',
    CHECKOUT: checkout ?? '',
    CANARY: canary,
    SERVERS: servers.map(({ name, host, port }) => `${name} ${host} ${port}`).join('\n'),
  };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${bashQuote(value)}`);
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${bashQuote(value)}`);
  return `${[...lines, ...exports].join('\n')}\n${await readFile(SCRIPT, 'utf8')}`;
}

/** The facts of this machine. */
export async function machineHere(
  run: Run,
  env: NodeJS.ProcessEnv,
  asked: Asked,
  signal: AbortSignal,
): Promise<MachineFacts> {
  const { stdout } = await run(['bash', '-s'], { env, input: await machineScript(asked), signal });
  return parseMachine(stdout);
}
