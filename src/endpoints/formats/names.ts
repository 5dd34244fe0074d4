import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const TEMPLATES = fileURLToPath(new URL('../../../templates/clients/', import.meta.url));
export const ENDING = '.hbs';

export async function formatNames(): Promise<string[]> {
  return ['json', 'txt', 'table', ...(await templateNames())];
}

export async function templateNames(): Promise<string[]> {
  return (await readdir(TEMPLATES))
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}
