import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processesNaming } from '../support/processes.js';
import { until } from '../support/until.js';

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
export const idsOf = async (mark: string): Promise<number[]> => [...processesNaming(mark).keys()];

/** Command lines of the processes whose environment or command line names `mark`. */
export const processesOf = async (mark: string): Promise<string[]> => [...processesNaming(mark).values()];

/** Waits until `check` holds. */
export async function eventually(check: () => Promise<boolean>): Promise<void> {
  await until('what a test waits for', check);
}
