import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/settings.js';
import { SandboxctlError } from '../../errors.js';
import type { Checkout } from '../../fleet/spec.js';
import type { Context } from '../context.js';

/** Time limit of git, which only reads local files. */
const GIT_MS = 10_000;

/** Throws kind `refused` if there is no SandboxFusion. */
export async function findCheckout(context: Context, { checkout, checkoutEnv }: Config): Promise<Checkout> {
  const path = checkout ?? '';
  const server = join(path, 'sandbox/server/server.py');
  await access(server).catch((error: unknown) => {
    throw new SandboxctlError('usage', {
      what: `there is no checkout of SandboxFusion at ${path}`,
      detail: `${server} cannot be read`,
      hint: "name the folder that 'git clone https://github.com/bytedance/SandboxFusion.git' made with --checkout",
      cause: error,
    });
  });
  // With --git-dir, git does not search parent folders and does not check the folder's owner.
  const argv = ['git', `--git-dir=${join(path, '.git')}`, 'rev-parse', '--verify', 'HEAD'];
  const told = await context.run(argv, { env: context.env, timeoutMs: GIT_MS }).catch(() => undefined);
  return { path, head: told?.code === 0 ? told.stdout.trim() : null, environment: checkoutEnv };
}
