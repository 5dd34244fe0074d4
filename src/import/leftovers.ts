import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importIdOf, removeWork, type Work, workNames } from './work.js';

/**
 * What dead imports of `target` left: jobs, files, processes here, folders of layers. Only for the holder of the
 * target's lock, so that every other import of this target is dead. Returns their ids.
 */
export async function removeLeftovers(
  target: string,
  temps: readonly string[],
  endJob: (id: string) => Promise<void>,
): Promise<string[]> {
  const names = await readdir(dirname(target));
  const ids = [...new Set(names.flatMap((name) => importIdOf(target, name) ?? []))];
  const works = ids.map((id) => workNames(target, id));
  await Promise.all(
    works.map(async (work) => {
      await endJob(work.id);
      await waitForSrunEnd(work);
    }),
  );
  for (const work of works) {
    await killImport(work);
    await removeWork(work);
    for (const temp of new Set([...temps, '/tmp', '/var/tmp'])) await removeTemporary(temp, work.id);
  }
  return ids;
}

export function temporaryFolders(env: NodeJS.ProcessEnv): string[] {
  return [env.ENROOT_TEMP_PATH ?? '', env.TMPDIR ?? '', tmpdir()].filter((folder) => folder !== '');
}

/** A killed srun kills its step, and the job's script then cannot remove its layers on the node. */
async function waitForSrunEnd(work: Work): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const pids = await processesOf(work);
    const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
    if (!names.includes('srun\n')) return;
    await sleep(RETRY_MS);
  }
}

/** For processes that wait for a network file system. */
const RETRY_MS = 50;
const ATTEMPTS = 100;

/** Repeated until none is left: one may have started another while it was killed. */
async function killImport(work: Work): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const pids = await processesOf(work);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await sleep(RETRY_MS);
  }
}

/** By the import's id in the environment; mksquashfs has only a PATH, but names the image in its arguments. */
async function processesOf({ id, image }: Work): Promise<number[]> {
  const mark = Buffer.from(`SANDBOXCTL_JOB_IMPORT=${id}\0`);
  const name = basename(image);
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined);
    if (environment === undefined) continue;
    if (environment.includes(mark) || (isBare(environment) && (await hasArgument(pid, name)))) {
      found.push(Number(pid));
    }
  }
  return found;
}

function isBare(environment: Buffer): boolean {
  return environment.indexOf(0) === environment.length - 1;
}

async function hasArgument(pid: string, name: string): Promise<boolean> {
  const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return argv.split('\0').some((word) => basename(word) === name);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

async function removeTemporary(folder: string, id: string): Promise<void> {
  const prefix = `sandboxctl-import.${process.getuid?.() ?? ''}.${id}.`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const path = join(folder, name);
    const owner = await lstat(path).catch(() => undefined);
    if (owner?.uid === process.getuid?.())
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
