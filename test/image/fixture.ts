import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export interface Scratch {
  folder: string;
  remove(): Promise<void>;
}

export async function scratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-test-image-'));
  await mkdir(join(folder, 'home'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A squashfs of one random file, at `path`. */
export async function makeSquashfs(path: string, bytes = 200_000): Promise<string> {
  const root = `${path}.root`;
  await mkdir(root);
  await writeFile(join(root, 'file'), randomBytes(bytes));
  await exec('mksquashfs', [root, path, '-no-progress', '-quiet']);
  await rm(root, { recursive: true });
  return path;
}

/** Ids of the processes whose environment or command line names `mark`. */
export async function idsOf(mark: string): Promise<number[]> {
  return [...(await processes(mark)).keys()];
}

/** Command lines of the processes whose environment or command line names `mark`. */
export async function processesOf(mark: string): Promise<string[]> {
  return [...(await processes(mark)).values()];
}

async function processes(mark: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [line, environment] = [await read('cmdline'), await read('environ')];
    if (line.includes(mark) || environment.includes(mark)) found.set(Number(pid), line.replaceAll('\0', ' '));
  }
  return found;
}

/** Waits until `check` holds; throws after `ms` with what it said last. */
export async function eventually(check: () => Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
