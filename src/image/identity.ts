import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { SandboxctlError } from '../errors.js';
import { failureError } from '../failures/finding.js';
import { privateFolder, readIfThere, writeJson } from '../files/atomic.js';
import type { Run } from '../process/run.js';
import { parseReference } from '../registry/reference.js';
import { parseObject } from '../text/json-object.js';
import { sha256OfFile } from './hash.js';
import { recordOf } from './sidecar.js';
import { judgeHead, verifyImage } from './verify.js';

export interface ImageIdentity {
  path: string;
  sha256: string;
  size: number;
  /** Canonical reference, where sandboxctl imported it. */
  reference: string | null;
  digest: string | null;
}

export interface IdentityOptions {
  imageDir: string;
  stateFolder: string;
  cwd: string;
  run: Run;
  env: NodeJS.ProcessEnv;
  onProgress?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * A path holds a `/` and ends in .sqsh, or exists; all else is a reference imported to `imageDir`. Throws kind
 * `refused` for a missing or broken file, `usage` for an invalid reference.
 */
export async function identifyImage(image: string, options: IdentityOptions): Promise<ImageIdentity> {
  const { path, importAs } = await locateImage(image, options);
  const reason = await judgeHead(path);
  if (reason !== undefined) throw unusable(path, reason, importAs);
  const record = await recordOf(path, options.signal);
  if (record !== null) {
    const { sha256, size, image: reference, digest } = record;
    return { path, sha256, size, reference, digest };
  }
  return { path, ...(await examineOnce(path, importAs, options)), reference: null, digest: null };
}

/** The file that `--image` means, and what `import-image` is to be given for it. */
export async function locateImage(
  image: string,
  { imageDir, cwd }: Pick<IdentityOptions, 'imageDir' | 'cwd'>,
): Promise<{ path: string; importAs: string }> {
  const path = resolve(cwd, image);
  const isPath =
    isAbsolute(image) || (image.includes('/') && image.endsWith('.sqsh')) || image.startsWith('.');
  if (isPath || (await exists(path))) return { path, importAs: `-o ${path}` };
  const reference = parseReference(image);
  return { path: join(resolve(cwd, imageDir), reference.fileName), importAs: reference.familiar };
}

interface Known {
  sha256: string;
  size: number;
}

/** Once for each path, size and time. */
async function examineOnce(path: string, importAs: string, options: IdentityOptions): Promise<Known> {
  const { stateFolder, run, env, signal, onProgress } = options;
  const { size, mtimeNs } = await stat(path, { bigint: true });
  const memory = join(stateFolder, 'images.json');
  const key = createHash('sha256').update(`${path}\0${size}\0${mtimeNs}`).digest('hex');
  const known = await readMemory(memory);
  const sha256 = known[key];
  if (sha256 !== undefined) return { sha256, size: Number(size) };

  onProgress?.(`Reading ${path}, which was not imported by sandboxctl...`);
  const verdict = await verifyImage(path, { run, env, signal });
  if (!verdict.ok) throw unusable(path, verdict.words ?? verdict.reason, importAs);
  const fresh = await sha256OfFile(path, signal);
  await remember(stateFolder, memory, { [key]: fresh }).catch(() => undefined);
  return { sha256: fresh, size: Number(size) };
}

async function remember(stateFolder: string, memory: string, fresh: Record<string, string>): Promise<void> {
  await privateFolder(stateFolder);
  await writeJson(memory, { ...(await readMemory(memory)), ...fresh });
}

async function readMemory(path: string): Promise<Record<string, string>> {
  const entries = Object.entries(parseObject(await readIfThere(path).catch(() => undefined)) ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function unusable(path: string, reason: string, importAs: string): SandboxctlError {
  return failureError('image-unusable', { image: path, importAs }, { detail: reason });
}
