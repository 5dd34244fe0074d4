import { readFile } from 'node:fs/promises';

const FILE = new URL('../../../templates/gateway/status.html', import.meta.url);

/** The status page: a single file that only fetches `_sandboxctl/snapshot.json`. */
export function statusPage(): Promise<string> {
  return readFile(FILE, 'utf8');
}
