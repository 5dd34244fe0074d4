import { readFile } from 'node:fs/promises';
import type { GatewayOptions } from '../../gateway/gateway.js';

const FILE = new URL('../../../templates/gateway/status.html', import.meta.url);

/** The status page, one file that loads nothing else: what it shows it asks from `snapshot.json` beside it. */
export async function statusPage(): Promise<NonNullable<GatewayOptions['page']>> {
  const text = await readFile(FILE, 'utf8');
  return (path, snapshot) => {
    if (path === '/_sandboxctl') return { type: 'text/html; charset=utf-8', text };
    if (path === '/_sandboxctl/snapshot.json') {
      return { type: 'application/json', text: JSON.stringify(snapshot()) };
    }
    return undefined;
  };
}
