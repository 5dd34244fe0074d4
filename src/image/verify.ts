import { open } from 'node:fs/promises';
import { codeOf, firstWords, messageOf } from '../errors.js';
import type { Run } from '../process/run.js';
import { readSuperblock, SUPERBLOCK_BYTES } from './squashfs.js';

/** `listed`: files that unsquashfs listed; null if it is not installed. */
export type Verdict = { ok: true; listed: number | null } | { ok: false; reason: string; words?: string };

export interface VerifyTools {
  run: Run;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  listed?: number | null;
}

/** A superblock that fits the size, and files that unsquashfs can list. `listed` is null without unsquashfs. */
export async function verifyImage(path: string, tools: VerifyTools): Promise<Verdict> {
  const head = await judgeHead(path);
  if (head !== undefined) return { ok: false, reason: head };
  if (typeof tools.listed === 'number') return { ok: true, listed: tools.listed };
  let lines = 0;
  try {
    const result = await tools.run(['unsquashfs', '-lln', path], {
      env: tools.env,
      signal: tools.signal,
      keepBytes: 8192,
      onLine: (_, from) => {
        if (from === 'stdout') lines += 1;
      },
    });
    if (result.code === 0) return { ok: true, listed: lines };
    return { ok: false, reason: 'its files cannot be listed', words: firstWords(result.stderr) };
  } catch (error) {
    if (codeOf(causeOf(error)) === 'ENOENT') return { ok: true, listed: null };
    throw error;
  }
}

/** Undefined if they are sound. */
export async function judgeHead(path: string): Promise<string | undefined> {
  try {
    // Opened before it is measured: on NFS a stat alone may answer from a cache.
    const file = await open(path, 'r');
    try {
      const facts = await file.stat();
      if (facts.isDirectory()) return 'it is a folder';
      if (!facts.isFile()) return 'it is not a file';
      const head = Buffer.alloc(SUPERBLOCK_BYTES);
      const { bytesRead } = await file.read(head, 0, SUPERBLOCK_BYTES, 0);
      const verdict = readSuperblock(head.subarray(0, bytesRead), facts.size);
      return verdict.ok ? undefined : verdict.reason;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return 'there is no such file';
    return messageOf(error);
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
