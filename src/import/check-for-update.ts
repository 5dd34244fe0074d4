import { SandboxctlError } from '../errors.js';
import type { ImageRecord } from '../image/sidecar.js';
import type { ImageSource } from '../registry/source.js';
import { currentDigest, type DigestOptions } from './digest.js';
import type { Progress } from './progress.js';
import type { ImportRequest } from './request.js';

export type Decision = { kind: 'keep' | 'import'; digest: string | null };

export async function checkForUpdate(
  { reference, target, force, config }: ImportRequest,
  source: ImageSource,
  found: ImageRecord | null,
  asked: DigestOptions,
  progress: Progress,
): Promise<Decision> {
  const { architecture } = asked;
  const name = reference.familiar;
  // A pinned digest may be that of a list for several architectures.
  const mine = found !== null && !force && found.architecture === architecture ? found : null;
  if (mine !== null && reference.digest !== null && mine.image === reference.canonical) {
    progress.note(`${target} is ${name}, and a digest never changes: no layer was asked for`);
    return { kind: 'keep', digest: mine.digest };
  }
  progress.phase('Asking the registry for the digest...');
  let digest: string;
  try {
    digest = await currentDigest(reference, source, asked);
  } catch (error) {
    if (!(error instanceof SandboxctlError) || error.kind !== 'tool') throw error;
    if (mine !== null && mine.image === reference.canonical) {
      progress.note(`warning: ${error.message}${error.detail === undefined ? '' : ` (${error.detail})`}`);
      progress.note(
        `warning: using ${name} as imported on ${mine.time}, ${shown(mine.digest)}; it may be out of date`,
      );
      return { kind: 'keep', digest: mine.digest };
    }
    // A node may reach what this machine does not; an import here would only fail later.
    if (config.on === 'here' || (config.on === 'auto' && asked.enroot !== null)) throw error;
    return { kind: 'import', digest: null };
  }
  if (mine === null) return { kind: 'import', digest };
  if (mine.digest === digest) {
    progress.note(`${name} is unchanged (${digest}): no layer was asked for`);
    return { kind: 'keep', digest };
  }
  if (mine.image === reference.canonical) {
    progress.note(`${name} moved from ${shown(mine.digest)} to ${digest}: importing it again`);
  }
  return { kind: 'import', digest };
}

function shown(digest: string | null): string {
  return digest ?? 'an unknown digest';
}
