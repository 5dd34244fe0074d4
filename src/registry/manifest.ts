export interface Layer {
  /** sha256 in hex, which is the layer's name in enroot's cache. */
  hex: string;
  /** Compressed, in bytes. */
  size: number;
}

/** The digest of the manifest for an architecture out of a list; null where this is no list, or has none. */
export function pickManifest(body: unknown, architecture: string): string | null {
  const { manifests } = fields(body);
  if (!Array.isArray(manifests)) return null;
  for (const each of manifests) {
    const { digest, platform } = fields(each);
    if (fields(platform).architecture === architecture && typeof digest === 'string') return digest;
  }
  return null;
}

/** The layers of a manifest, and its configuration, which enroot caches like one. */
export function layersOf(body: unknown): Layer[] {
  const { layers, config } = fields(body);
  return [config, ...(Array.isArray(layers) ? layers : [])].flatMap((each) => {
    const { digest, size } = fields(each);
    const hex = typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined;
    return hex !== undefined && typeof size === 'number' && size >= 0 ? [{ hex, size }] : [];
  });
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
