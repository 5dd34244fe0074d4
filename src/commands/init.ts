import { basename, dirname } from 'node:path';
import { starterYaml } from '../config/starter.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { isThere, writeNew } from '../files/atomic.js';
import { shellQuote } from '../script/quote.js';
import { requestedCluster } from './cluster.js';
import type { Context } from './context.js';

export interface InitOptions {
  flags: Readonly<Record<string, unknown>>;
  /** File to write, relative to the folder of the call; sandboxctl.yaml when left out. */
  output?: string | undefined;
  /** On stdout instead. */
  print?: boolean;
  /** A SandboxFusion checkout to look at, instead of writing anything. */
  checkout?: string | undefined;
}

const PROJECT_FILE = 'sandboxctl.yaml';
/** It holds no secret; who may read it is the caller's umask to say. */
const MODE = 0o666;

/**
 * Writes a configuration for the cluster that is here, with what was found out as comments, and prints its
 * path. Throws kind `usage` where the file is there already, `refused` where no partition suits.
 */
export async function init(context: Context, options: InitOptions): Promise<void> {
  if (options.checkout !== undefined) {
    const { checkCheckout } = await import('./init/checkout.js');
    return checkCheckout(context, options.checkout);
  }
  const path = options.print ? undefined : context.path(options.output ?? PROJECT_FILE);
  if (path !== undefined && (await isThere(path))) throw inTheWay(path);
  const { stdout, stderr } = context.io;
  const { head, entries, next } = await written(context, options.flags);
  const text = starterYaml(head, entries);
  if (path === undefined) return stdout.write(text);
  try {
    await writeNew(path, text, MODE);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw inTheWay(path);
    throw new SandboxctlError('config', {
      what: `${path} cannot be written`,
      words: messageOf(error),
      hint: 'choose another place with --output-file, or print it with --print',
      cause: error,
    });
  }
  stdout.line(path);
  const found = basename(path) === PROJECT_FILE && dirname(path) === context.cwd;
  const flag = found ? '' : ` --config ${/[^\w./-]/.test(path) ? shellQuote(path) : path}`;
  stderr.line(`next: ${next.map((line) => `${line}${flag}`).join(', then ')}`);
}

async function written(context: Context, flags: InitOptions['flags']) {
  const resolved = await context.config(flags);
  const place = requestedCluster(resolved.config) ?? (await context.clusters())[0] ?? 'local';
  if (place === 'local') {
    const { localFile } = await import('./init/local.js');
    return localFile(context, resolved.config);
  }
  const { slurmFile } = await import('./init/slurm.js');
  return slurmFile(context, resolved, place);
}

function inTheWay(path: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what: `${path} is there already, and stays as it is`,
    hint: 'write another file with --output-file, or print it with --print',
  });
}
