import { readFile } from 'node:fs/promises';

const FILE = new URL('../../../templates/gateway/status.html', import.meta.url);

export function statusPage(): Promise<string> {
  return readFile(FILE, 'utf8');
}
