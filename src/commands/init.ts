import { basename, dirname } from 'node:path';
import { starterYaml } from '../config/starter.js';
import { codeOf, messageOf, SandboxctlError } from '../errors.js';
import { isThere, writeNew } from '../files/atomic.js';
import { bashQuote } from '../text/quote.js';
import { requestedCluster } from './cluster.js';
import type { Context } from './context.js';

export interface InitOptions {
  flags: Readonly<Record<string, unknown>>;
  output?: string | undefined;
  print?: boolean;
  /** A SandboxFusion checkout to inspect, instead of writing a file. */
  checkout?: string | undefined;
}

const PROJECT_FILE = 'sandboxctl.yaml';
/** It holds no secret, so the umask decides who can read it. */
const MODE = 0o666;

/** Throws kind `usage` if the file exists, `refused` if no partition accepts jobs. */
export async function init(context: Context, options: InitOptions): Promise<void> {
  if (options.checkout !== undefined) {
    const { checkCheckout } = await import('./init/checkout.js');
    return checkCheckout(context, options.checkout);
  }
  const path = options.print ? undefined : context.path(options.output ?? PROJECT_FILE);
  if (path !== undefined && (await isThere(path))) throw fileExists(path);
  const { stdout, stderr } = context.io;
  const { head, entries, next } = await starterFor(context, options.flags);
  const text = starterYaml(head, entries);
  if (path === undefined) return stdout.write(text);
  try {
    await writeNew(path, text, MODE);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fileExists(path);
    throw new SandboxctlError('config', {
      what: `cannot write ${path}`,
      detail: messageOf(error),
      hint: 'choose another place with --output-file, or print it with --print',
      cause: error,
    });
  }
  stdout.write(`${path}\n`);
  const found = basename(path) === PROJECT_FILE && dirname(path) === context.cwd;
  const flag = found ? '' : ` --config ${/[^\w./-]/.test(path) ? bashQuote(path) : path}`;
  stderr.line(`next: ${next.map((line) => `${line}${flag}`).join(', then ')}`);
}

async function starterFor(context: Context, flags: InitOptions['flags']) {
  const resolved = await context.config(flags);
  const place = requestedCluster(resolved.config) ?? (await context.clusters())[0] ?? 'local';
  if (place === 'local') {
    const { localFile } = await import('./init/local.js');
    return localFile(context, resolved.config);
  }
  const { slurmFile } = await import('./init/slurm.js');
  return slurmFile(context, resolved, place);
}

function fileExists(path: string): SandboxctlError {
  return new SandboxctlError('usage', {
    what: `${path} exists already and was not changed`,
    hint: 'write another file with --output-file, or print it with --print',
  });
}
