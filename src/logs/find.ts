import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expand, type PatternNames, UNKNOWN } from '../fleet/log-pattern.js';

export interface PatternFiles {
  paths: string[];
  /** Whether the pattern has exactly one path. */
  certain: boolean;
}

export async function filesOf(pattern: string, names: PatternNames): Promise<PatternFiles> {
  let found = ['/'];
  for (const segment of expand(pattern, names).split('/').filter(Boolean)) {
    const next = await Promise.all(found.map((folder) => matches(folder, segment)));
    found = next.flat();
  }
  const there = await Promise.all(found.map(isFile));
  return {
    paths: found.filter((_, at) => there[at]).sort(),
    certain: !expand(pattern, names).includes(UNKNOWN),
  };
}

async function matches(folder: string, segment: string): Promise<string[]> {
  if (!segment.includes(UNKNOWN)) return [join(folder, segment)];
  const literal = segment.split(UNKNOWN).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const whole = new RegExp(`^${literal.join('[\\w.-]+')}$`);
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => whole.test(name)).map((name) => join(folder, name));
}

/** NFS caches missing names for a while, but listing the folder shows new ones. */
async function isFile(path: string): Promise<boolean> {
  if (await isFileNow(path)) return true;
  await readdir(dirname(path)).catch(() => []);
  return isFileNow(path);
}

function isFileNow(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
