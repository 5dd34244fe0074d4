import { Agent, request } from 'undici';
import { judge, type Verdict } from '../api/verdict.js';
import type { RunCodeRequest } from '../api/wire.js';
import { codeOf, messageOf } from '../errors.js';
import { after } from '../node.js';

export interface PostOptions {
  agent: Agent;
  token: string | undefined;
  /** Milliseconds for the whole answer. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** `connectMs`: a host that drops packets shows by the connection, long before any run is over. */
export function newAgent(connectMs: number): Agent {
  // Bounds of our own hold for each run.
  return new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0 });
}

/** One try on one endpoint. Rejects only with the reason of `signal`, once that has fired. */
export async function post(url: string, run: RunCodeRequest, options: PostOptions): Promise<Verdict> {
  const { agent, token, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const late = new AbortController();
  const inTime = after(timeoutMs, () => late.abort());
  try {
    const answer = await request(`${url}/run_code`, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(run),
      signal: signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]),
    });
    return judge({ status: answer.statusCode, headers: answer.headers, body: await answer.body.text() });
  } catch (error) {
    signal?.throwIfAborted();
    if (late.signal.aborted) return judge({ error: `no answer within ${timeoutMs / 1000} s` });
    const connecting = codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT';
    return judge({ error: connecting ? 'no answer to the connection' : messageOf(error) });
  } finally {
    inTime();
  }
}
