import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from './finding.js';

/** `sandboxctl-enroot.UID.NODE.JOB.XXXXXX`: where a job's container lies (templates/runtimes/enroot.hbs). */
const ROOM = /^sandboxctl-enroot\.(\d+)\.[^.]+\.(\d+(?:_\d+)?)\.\w+$/;

export function containerRoom(name: string): { uid: number; jobId: string } | undefined {
  const [, uid, jobId] = ROOM.exec(name) ?? [];
  return jobId === undefined ? undefined : { uid: Number(uid), jobId };
}

/** Containers on this machine whose job has ended, and that no later job of this node has removed. */
export async function containerLeftovers(
  env: NodeJS.ProcessEnv,
  live: ReadonlySet<string>,
): Promise<Finding[]> {
  const uid = process.getuid?.() ?? 0;
  const findings: Finding[] = [];
  for (const place of new Set([env.TMPDIR || tmpdir(), '/tmp', '/var/tmp'])) {
    for (const file of await readdir(place).catch(() => [])) {
      const room = containerRoom(file);
      if (room === undefined) continue;
      const { jobId } = room;
      const name = join(place, file);
      // In a folder that others can write to, somebody else may have created such a name.
      const found = room.uid === uid ? await lstat(name).catch(() => undefined) : undefined;
      if (found?.uid !== uid || !found.isDirectory() || live.has(jobId)) continue;
      const remove = () => rm(name, { recursive: true, force: true });
      findings.push({ kind: 'container', name, why: `job ${jobId} has ended`, remove });
    }
  }
  return findings;
}
