import { homedir } from 'node:os';
import { join } from 'node:path';
import { readIfThere } from '../files/atomic.js';
import type { Run } from '../process/run.js';
import {
  type DockerEntry,
  entryFromDocker,
  fitsNetrc,
  loginFromHelper,
  loginFromNetrc,
} from './credentials.js';

export interface FoundLogin {
  user: string;
  password: string | null;
  enrootKnows: boolean;
}

export interface LoginLookup {
  login: FoundLogin | null;
  warning: string | null;
}

export interface LoginOptions {
  env: NodeJS.ProcessEnv;
  run: Run;
  signal?: AbortSignal;
}

const HELPER_TIMEOUT_MS = 30_000;

/** Credentials for a registry: enroot's own file first, then Docker's config.json with its helpers. */
export async function findLogin(host: string, options: LoginOptions): Promise<LoginLookup> {
  const own = await readIfThere(join(enrootConfigFolder(options.env), '.credentials'));
  const known = own === undefined ? null : loginFromNetrc(own, host);
  if (known !== null) return { login: { ...known, enrootKnows: true }, warning: null };

  const { env } = options;
  const docker = await readIfThere(join(env.DOCKER_CONFIG || join(home(env), '.docker'), 'config.json'));
  const entry = docker === undefined ? null : entryFromDocker(docker, host);
  if (entry === null) return { login: null, warning: null };
  const resolved = entry.kind === 'helper' ? await askHelper(entry, options) : entry;
  if (resolved === null || resolved.kind === 'helper') return { login: null, warning: null };
  if (resolved.kind === 'identity-token') {
    return unusable(host, 'an identity token, which enroot cannot use: log in with an access token instead');
  }
  if (!fitsNetrc(resolved))
    return unusable(host, 'a password with white space, which netrc files cannot hold');
  return { login: { user: resolved.user, password: resolved.password, enrootKnows: false }, warning: null };
}

function enrootConfigFolder(env: NodeJS.ProcessEnv): string {
  return env.ENROOT_CONFIG_PATH || join(env.XDG_CONFIG_HOME || join(home(env), '.config'), 'enroot');
}

async function askHelper(
  entry: Extract<DockerEntry, { kind: 'helper' }>,
  { env, run, signal }: LoginOptions,
): Promise<DockerEntry | null> {
  try {
    const answer = await run([`docker-credential-${entry.helper}`, 'get'], {
      env,
      input: entry.server,
      timeoutMs: HELPER_TIMEOUT_MS,
      signal,
    });
    return answer.code === 0 ? loginFromHelper(answer.stdout) : null;
  } catch {
    // A missing helper counts as no credentials; the registry reports that.
    return null;
  }
}

function unusable(host: string, what: string): LoginLookup {
  return { login: null, warning: `Docker's config.json holds for ${host} ${what}` };
}

function home(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}
