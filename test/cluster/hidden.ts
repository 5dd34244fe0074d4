import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './execute.js';
import type { ClusterRecord } from './record.js';

/** A cluster has these where its options say so, whatever the machine has. */
const TOOLS = ['conda', 'enroot', 'poetry', 'uvicorn'];
const FOLDER = '/usr/bin';

/** Lines of an fstab that hide what this machine has of them, and what these lines need. */
export async function hidden({ folder }: Pick<ClusterRecord, 'folder'>): Promise<string[]> {
  const there = TOOLS.filter((tool) => existsSync(join(FOLDER, tool)));
  if (there.length === 0) return [];
  const whiteouts = join(folder, 'hidden');
  await mkdir(whiteouts);
  for (const tool of there) await must(['mknod', join(whiteouts, tool), 'c', '0', '0']);
  return [`hidden ${FOLDER} overlay ro,lowerdir=${whiteouts}:${FOLDER} 0 0`];
}
