import { readEndpoints } from '../endpoints/file.js';
import { clientUrls, selectEndpoints } from '../endpoints/select.js';

/** Base URLs of servers, such as `http://node1:8080`; a function is called before each attempt. */
export type Endpoints = string | readonly string[] | (() => Promise<readonly string[]>);

const REFRESH_MS = 2_000;

export function endpointSource(endpoints: Endpoints): () => Promise<readonly string[]> {
  if (typeof endpoints === 'function') return async () => (await endpoints()).map(normalizeUrl);
  const urls = (typeof endpoints === 'string' ? [endpoints] : endpoints).map(normalizeUrl);
  return async () => urls;
}

/**
 * The gateway or else the ready servers of an endpoints file. Throws kind `config` for an invalid one; missing: none.
 */
export function endpointsFile(path: string, now: () => number = Date.now): () => Promise<readonly string[]> {
  let last: { urls: readonly string[]; at: number } | undefined;
  return async () => {
    if (last !== undefined && now() - last.at < REFRESH_MS) return last.urls;
    const file = await readEndpoints(path);
    const ready = file && selectEndpoints(file, { now: now(), all: false, direct: false });
    last = { urls: ready === undefined ? [] : clientUrls(ready), at: now() };
    return last.urls;
  };
}

/** Users may add a trailing slash, or the path that verl needs. */
function normalizeUrl(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/run_code$/, '');
}
