import { fieldsOf } from '../text/json-object.js';

export interface Layer {
  hex: string;
  /** Compressed, in bytes. */
  size: number;
}

/** Null if this is no list, or has none for it. */
export function pickManifest(body: unknown, architecture: string): string | null {
  const { manifests } = fieldsOf(body);
  if (!Array.isArray(manifests)) return null;
  for (const each of manifests) {
    const { digest, platform } = fieldsOf(each);
    if (fieldsOf(platform).architecture === architecture && typeof digest === 'string') return digest;
  }
  return null;
}

export function layersOf(body: unknown): Layer[] {
  const { layers, config } = fieldsOf(body);
  return [config, ...(Array.isArray(layers) ? layers : [])].flatMap((each) => {
    const { digest, size } = fieldsOf(each);
    const hex = typeof digest === 'string' ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined;
    return hex !== undefined && typeof size === 'number' && size >= 0 ? [{ hex, size }] : [];
  });
}
