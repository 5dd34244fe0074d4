import { access, constants, stat } from 'node:fs/promises';
import { candidates } from '../text/search-path.js';

export async function findOnPath(tool: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  for (const path of candidates(tool, env.PATH)) if (await isProgram(path)) return path;
  return null;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
