import type { Layer } from '../registry/manifest.js';
import type { ImageSource } from '../registry/source.js';
import type { DigestOptions } from './digest.js';

/** For the check of free space; none if the registry cannot be reached from here. */
export async function manifestSizes(source: ImageSource, options: DigestOptions): Promise<Layer[]> {
  const { askRegistry } = await import('../registry/client.js');
  try {
    return (await askRegistry(source, options)).layers;
  } catch {
    options.signal?.throwIfAborted();
    return [];
  }
}
