import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packLayer } from '../cluster/image/layers.js';
import { type Image, writeImage } from '../cluster/image/manifest.js';

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

/** A real image of two layers with random files, small enough that an import takes half a second. */
export async function tinyImage(
  folder: string,
  bytes = 400_000,
  content: (bytes: number) => Buffer = randomBytes,
): Promise<Image> {
  const image = await mkdtemp(join(folder, 'image-'));
  const layers = [];
  for (const name of ['lower', 'upper']) {
    const root = await mkdtemp(join(folder, 'layer-'));
    await writeFile(join(root, name), content(bytes));
    layers.push(await packLayer(image, ['--recursion', '-C', root, '.']));
    await rm(root, { recursive: true });
  }
  await writeImage(image, layers);
  const note = JSON.parse(await readFile(join(image, 'image.json'), 'utf8')) as Omit<Image, 'folder'>;
  return { ...note, folder: image };
}

/** Command lines of the processes whose environment or command line names `mark`. */
export async function processesOf(mark: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [line, environment] = [await read('cmdline'), await read('environ')];
    if (line.includes(mark) || environment.includes(mark)) found.push(line.replaceAll('\0', ' '));
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
