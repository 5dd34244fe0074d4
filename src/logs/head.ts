import { CHUNK, olderPath, openPart, readAt } from './part.js';

const START_LINE = /^sandboxctl: instance \d+ of fleet \S+ is job (\S+) on (\S+) with/m;

export interface Head {
  jobId: string | null;
  node: string | null;
}

export async function readHead(path: string): Promise<Head | undefined> {
  const [older, newer] = await Promise.all([headOf(olderPath(path)), headOf(path)]);
  return older?.jobId != null ? older : newer;
}

async function headOf(path: string): Promise<Head | undefined> {
  const part = await openPart(path);
  if (part === undefined) return undefined;
  try {
    const text = (await readAt(part, 0, Math.min(part.size, CHUNK))).toString('utf8');
    const [, jobId = null, node = null] = START_LINE.exec(text) ?? [];
    return { jobId, node };
  } finally {
    await part.file.close();
  }
}
