import { access, constants, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readIfThere } from '../files/atomic.js';
import type { Run } from '../process/run.js';
import { netrcFor } from '../registry/credentials.js';
import { type FoundLogin, findLogin } from '../registry/login.js';
import type { ImageSource } from '../registry/source.js';
import { importEnvironment } from './environment.js';
import { curlRc } from './settings.js';
import { type Work, writeWorkFile } from './work.js';

export interface Prepared {
  env(where: 'here' | 'job'): NodeJS.ProcessEnv;
  envHere: NodeJS.ProcessEnv;
  login: FoundLogin | null;
  warning: string | null;
}

export interface PrepareOptions {
  run: Run;
  env: NodeJS.ProcessEnv;
  architecture: string;
  /** How long a transfer may stand still. */
  stallSeconds: number;
  signal?: AbortSignal;
}

export async function prepare(work: Work, source: ImageSource, options: PrepareOptions): Promise<Prepared> {
  const { env, signal } = options;
  const { login, warning } = await findLogin(source.host, {
    ...options,
    env: importEnvironment(env, 'here'),
  });
  const added: NodeJS.ProcessEnv = { CURL_HOME: work.folder };
  await writeWorkFile(work, '.curlrc', `${await callersCurlRc(env)}\n${curlRc(options.stallSeconds)}`);
  if (source.scheme === 'http') added.ENROOT_ALLOW_HTTP = 'y';
  if (login !== null && !login.enrootKnows && login.password !== null) {
    const { loginHosts } = await import('../registry/client.js');
    const hosts = await loginHosts(source, { env, architecture: options.architecture, login: null, signal });
    await writeWorkFile(
      work,
      '.credentials',
      netrcFor(hosts, { user: login.user, password: login.password }),
    );
    added.ENROOT_CONFIG_PATH = work.folder;
  }
  return {
    env: (where) => ({ ...importEnvironment(env, where), ...added }),
    envHere: { ...importEnvironment(env, 'here'), ...added, ...(await runtimeFolder(work, env)) },
    login,
    warning,
  };
}

export function allowsHttp(env: NodeJS.ProcessEnv): boolean {
  const value = env.ENROOT_ALLOW_HTTP ?? '';
  return value !== '' && !/^(?:no?|N[oO]?|[fF](?:alse)?|FALSE)$/.test(value);
}

/** Without a runtime folder that it can make, enroot fails before it does anything, even `version`. */
async function runtimeFolder(work: Work, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  if (env.ENROOT_RUNTIME_PATH) return {};
  const folder = join(env.XDG_RUNTIME_DIR || '/run', 'enroot');
  await mkdir(folder, { mode: 0o700 }).catch(() => undefined);
  const usable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  return usable ? {} : { ENROOT_RUNTIME_PATH: join(work.folder, 'runtime') };
}

/** curl reads one .curlrc, the one in CURL_HOME, so ours includes the caller's. */
async function callersCurlRc(env: NodeJS.ProcessEnv): Promise<string> {
  const folders = [env.CURL_HOME, env.XDG_CONFIG_HOME, env.HOME || homedir()];
  for (const folder of folders) {
    const text = folder ? await readIfThere(join(folder, '.curlrc')) : undefined;
    if (text !== undefined) return text;
  }
  return '';
}
