import { capacitySchema } from '../../api/wire.js';
import { clientRuns, plainRuns } from './http.js';
import type { Method } from './method.js';

export interface ServersOptions {
  name: string;
  endpoints: readonly string[] | (() => Promise<readonly string[]>);
  token: string | null;
  /** CPUs of all its servers together, where they are known. */
  cores: number | null;
}

const CAPACITY_MS = 5_000;
/** URLs that a description names. */
const NAMED = 3;

/** A fleet, by our client; or servers by their URLs, by plain requests. */
export async function serversMethod({ name, endpoints, token, cores }: ServersOptions): Promise<Method> {
  const urls = typeof endpoints === 'function' ? await endpoints() : endpoints;
  const modes = await Promise.all(urls.map((url) => isolationOf(url, token)));
  const more = urls.length > NAMED ? ` and ${urls.length - NAMED} more` : '';
  return {
    name,
    about: `${urls.slice(0, NAMED).join(', ')}${more}, isolation ${[...new Set(modes)].join(', ')}`,
    isolated: modes.length > 0 && modes.every((mode) => mode === 'lite'),
    cores,
    root: null,
    ...(typeof endpoints === 'function' ? clientRuns(endpoints, token) : plainRuns(endpoints, token)),
  };
}

/** What the embedded server says; others do not, and a gateway may have any servers behind it. */
async function isolationOf(url: string, token: string | null): Promise<string> {
  try {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/v1/capacity`, { headers, signal: AbortSignal.timeout(CAPACITY_MS) });
    return capacitySchema.parse(await answer.json()).isolation?.mode ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
