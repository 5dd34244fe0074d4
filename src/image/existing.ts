import { stat } from 'node:fs/promises';
import { codeOf, SandboxctlError } from '../errors.js';
import type { ImageReference } from '../registry/reference.js';
import { type ImageRecord, recordOf } from './sidecar.js';
import { judgeHead } from './verify.js';

export async function existingImage(target: string, signal?: AbortSignal): Promise<ImageRecord | null> {
  if ((await judgeHead(target)) !== undefined) return null;
  return recordOf(target, signal);
}

/**
 * Throws for a folder, a file that is no squashfs, or another image of the same file name (enroot omits the
 * registry).
 */
export async function assertReplaceable(
  target: string,
  existing: ImageRecord | null,
  reference: ImageReference,
  force: boolean,
): Promise<void> {
  const facts = await stat(target).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (facts === undefined) return;
  if (facts.isDirectory()) {
    throw refuse(
      `${target} is a folder`,
      'an image is a file',
      `name a file: -o ${target}/${reference.fileName}`,
    );
  }
  if (force) return;
  if (existing !== null && existing.image !== reference.canonical) {
    throw refuse(
      `${target} holds another image`,
      `${existing.image}, not ${reference.canonical}`,
      'give this one a file of its own with -o FILE, or put it in the place of the other with --force',
    );
  }
  const reason = await judgeHead(target);
  if (existing === null && facts.size > 0 && reason === 'it has no squashfs superblock') {
    throw refuse(
      `${target} is not an image`,
      reason,
      'choose another file with -o FILE, or replace it with --force',
    );
  }
}

function refuse(what: string, words: string, hint: string): SandboxctlError {
  return new SandboxctlError('refused', { what, detail: words, hint });
}
