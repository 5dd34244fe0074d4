import type { EndpointsFile } from '../schema.js';
import { clientUrls } from '../select.js';

/** The whole selection as one JSON document. */
export function json(file: EndpointsFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** One URL a line. */
export function txt(file: EndpointsFile): string {
  return clientUrls(file)
    .map((url) => `${url}\n`)
    .join('');
}
