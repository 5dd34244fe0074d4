import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A folder that goes with the test. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-logs-'));
  made.push(folder);
  return folder;
}

/** What a follower has emitted so far. */
export function collector() {
  const pieces: Buffer[] = [];
  return {
    emit: async (bytes: Buffer) => void pieces.push(Buffer.from(bytes)),
    bytes: () => Buffer.concat(pieces),
    text: () => Buffer.concat(pieces).toString('latin1'),
  };
}
