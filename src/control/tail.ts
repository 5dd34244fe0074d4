import { readFile } from 'node:fs/promises';
export async function readTail(path: string, lines: number): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').slice(-lines - 1, -1);
}
