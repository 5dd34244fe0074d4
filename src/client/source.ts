import { readEndpoints } from '../endpoints/file.js';
import { clientUrls, selectEndpoints } from '../endpoints/select.js';

/** Base URLs of servers, such as `http://node1:8080`: fixed, or asked for before each try. */
export type Endpoints = string | readonly string[] | (() => Promise<readonly string[]>);

/** A file is read anew this often: a fleet's servers come and go. Milliseconds. */
const READ_AGAIN_MS = 2_000;

export function endpointSource(endpoints: Endpoints): () => Promise<readonly string[]> {
  if (typeof endpoints === 'function') return async () => (await endpoints()).map(bare);
  const urls = (typeof endpoints === 'string' ? [endpoints] : endpoints).map(bare);
  return async () => urls;
}

/**
 * The ready servers of an endpoints file (`sandboxctl endpoints --write FILE`), or its gateway. Throws kind
 * `config` for a file that is none; one that is not there has no endpoints.
 */
export function endpointsFile(path: string, now: () => number = Date.now): () => Promise<readonly string[]> {
  let last: { urls: readonly string[]; at: number } | undefined;
  return async () => {
    if (last !== undefined && now() - last.at < READ_AGAIN_MS) return last.urls;
    const file = await readEndpoints(path);
    const ready = file && selectEndpoints(file, { now: now(), all: false, direct: false });
    last = { urls: ready === undefined ? [] : clientUrls(ready), at: now() };
    return last.urls;
  };
}

/** People write the URL with a slash at its end, or with the path that verl wants. */
function bare(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/run_code$/, '');
}
