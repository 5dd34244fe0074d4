import { readFile } from 'node:fs/promises';

const FILE = new URL('../../../templates/gateway/status.html', import.meta.url);

/** The status page, one file that loads nothing else: what it shows it asks from `_sandboxctl/snapshot.json`. */
export function statusPage(): Promise<string> {
  return readFile(FILE, 'utf8');
}
