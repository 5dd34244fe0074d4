import type { Layer } from '../registry/manifest.js';
import type { ImageSource } from '../registry/source.js';
import type { DigestOptions } from './digest.js';

/** The layers' sizes, for the check of free room; none where the registry cannot be asked from here. */
export async function manifestSizes(source: ImageSource, options: DigestOptions): Promise<Layer[]> {
  const { askRegistry } = await import('../registry/client.js');
  try {
    return (await askRegistry(source, options)).layers;
  } catch {
    // enroot may have credentials or a way out that we do not: then the check asks for a fixed minimum.
    options.signal?.throwIfAborted();
    return [];
  }
}
