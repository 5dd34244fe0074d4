import type { EndpointsFile } from '../schema.js';
import { clientUrls } from '../select.js';

export function txt(file: EndpointsFile): string {
  return clientUrls(file)
    .map((url) => `${url}\n`)
    .join('');
}
