import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packLayer } from '../../cluster/image/layers.js';
import { type Image, writeImage } from '../../cluster/image/manifest.js';

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
