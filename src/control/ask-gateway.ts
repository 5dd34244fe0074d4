import { type JsonObject, parseObject } from '../text/json-object.js';
import { oneRequest } from './one-request.js';

/** Milliseconds. */
const ANSWER_MS = 2_000;

/** The snapshot of a gateway; undefined if it does not answer in time, or only with a token. */
export async function askGateway(url: string): Promise<JsonObject | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const limits = { connectMs: ANSWER_MS, silentMs: ANSWER_MS };
    const { status, body } = await oneRequest(`${url}/_sandboxctl/snapshot.json`, { ...limits, signal });
    return status === 200 ? parseObject(body) : undefined;
  } catch {
    return undefined;
  }
}
