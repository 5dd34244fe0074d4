import { stat } from 'node:fs/promises';
import { readIfThere, writeJson } from '../files/atomic.js';
import { isObject } from '../text/json-object.js';
import { sha256OfFile } from './hash.js';

export interface ImageRecord {
  image: string;
  /** Of the manifest for this architecture; null if no registry could be asked for it. */
  digest: string | null;
  architecture: string;
  size: number;
  sha256: string;
  mtime_ns: string;
  versions: { sandboxctl: string; enroot: string | null; squashfs_tools: string | null };
  options: string[];
  imported_on: { where: 'here' | 'job'; node: string | null };
  /** Files that the image holds; null if they could not be listed. */
  files: number | null;
  time: string;
}

interface Sidecar extends ImageRecord {
  schema_version: 1;
  /** The sidecar is renamed before its image: after a kill in between, the old image's record is still found here. */
  previous: ImageRecord | null;
}

export function sidecarPath(image: string): string {
  return `${image}.json`;
}

export async function writeSidecar(
  image: string,
  record: ImageRecord,
  previous: ImageRecord | null,
): Promise<void> {
  await writeJson(sidecarPath(image), { schema_version: 1, ...record, previous } satisfies Sidecar);
}

/** It belongs to the file if size and time agree, or, after a copy, size and sha256. */
export async function recordOf(image: string, signal?: AbortSignal): Promise<ImageRecord | null> {
  const sidecar = await readSidecar(image);
  if (sidecar === null) return null;
  const facts = await stat(image, { bigint: true }).catch(() => null);
  if (facts === null || !facts.isFile()) return null;
  const { schema_version: _, previous, ...newest } = sidecar;
  const candidates = [newest, previous].filter(
    (record): record is ImageRecord => record !== null && BigInt(record.size) === facts.size,
  );
  const timely = candidates.find((record) => record.mtime_ns === String(facts.mtimeNs));
  if (timely !== undefined || candidates.length === 0) return timely ?? null;
  const sha256 = await sha256OfFile(image, signal);
  return candidates.find((record) => record.sha256 === sha256) ?? null;
}

async function readSidecar(image: string): Promise<Sidecar | null> {
  const text = await readIfThere(sidecarPath(image));
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isSidecar(value) ? value : null;
  } catch {
    return null;
  }
}

function isSidecar(value: unknown): value is Sidecar {
  if (!isImageRecord(value)) return false;
  const { schema_version, previous } = value as Partial<Sidecar>;
  return schema_version === 1 && (previous === null || isImageRecord(previous));
}

function isImageRecord(value: unknown): value is ImageRecord {
  if (!isObject(value)) return false;
  const { image, digest, size, sha256, mtime_ns } = value as Partial<ImageRecord>;
  return (
    typeof image === 'string' &&
    (digest === null || typeof digest === 'string') &&
    Number.isSafeInteger(size) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof mtime_ns === 'string'
  );
}
