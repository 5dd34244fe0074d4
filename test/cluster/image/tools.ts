import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a tool to its end; the error of one that fails carries its stderr. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  // 64 MiB: `dpkg -L` and `ldd` of a whole image stay far below.
  const { stdout } = await exec(command, [...args], { ...options, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/**
 * Where built images, plugins and folders for PATH lie. Never under /tmp, which is private
 * on the cluster's nodes, and readable by the ordinary users that tests submit as.
 */
export function cacheFolder(): string {
  const ours = process.env.SANDBOXCTL_TEST_CACHE;
  if (ours) return ours;
  if (process.getuid?.() === 0) return '/var/cache/sandboxctl-test';
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'sandboxctl-test');
}

/** `cacheFolder()/name`, filled once by `fill`; it appears whole, also when two processes fill it at once. */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await mkdir(draft, { recursive: true });
  // Whatever the umask: other users run what lies here.
  await Promise.all([chmod(cacheFolder(), 0o755), chmod(draft, 0o755)]);
  try {
    await fill(draft);
    await rename(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** A short name for what something is built from: 16 hex digits. */
export function fingerprint(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Installs what is missing with apt (root only), starting no service. */
export async function ensurePackages(names: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const name of names) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
    const status = await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).catch(() => '');
    if (status !== 'installed') missing.push(name);
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) throw new Error(`missing Debian packages: ${missing.join(' ')}`);
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    const install = ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', ...missing];
    await run('apt-get', install, quiet).catch(async () => {
      await run('apt-get', ['update'], quiet);
      await run('apt-get', install, quiet);
    });
  } finally {
    if (ours) await rm(policy, { force: true });
  }
}
