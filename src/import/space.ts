import type { Layer } from '../registry/manifest.js';

export interface SpaceNeeds {
  /** `hex:bytes` of each layer, for those that the cache lacks; empty if sizes are not known. */
  layers: string;
  cacheKib: number;
  tempKib: number;
  targetKib: number;
}

const UNKNOWN_KIB = 256 * 1024;
/** Layers come gzipped; Debian and Python trees unpack to about 2.7 times as much. */
const UNPACKED = 3;
/** A zstd squashfs is near the size of the gzipped layers; lzo, where a site insists, 1.7 times that. */
const SQUASHED = 2;

export function spaceNeeds(layers: readonly Layer[]): SpaceNeeds {
  if (layers.length === 0) {
    return { layers: '', cacheKib: UNKNOWN_KIB, tempKib: UNKNOWN_KIB, targetKib: UNKNOWN_KIB };
  }
  const kib = layers.reduce((sum, { size }) => sum + size, 0) / 1024;
  return {
    layers: layers.map(({ hex, size }) => `${hex}:${size}`).join(' '),
    cacheKib: Math.ceil(kib),
    tempKib: Math.ceil(kib * UNPACKED),
    targetKib: Math.ceil(kib * SQUASHED),
  };
}
