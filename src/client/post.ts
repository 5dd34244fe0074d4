import { PATIENCE_HEADER } from '../api/client-timeout.js';
import { judge, VERIFIED_HEADER, type Verdict } from '../api/verdict.js';
import type { RunCodeRequest } from '../api/wire.js';
import { codeOf, messageOf } from '../errors.js';
import { after } from '../node.js';
import { Agent, request } from '../vendor/undici.js';

export interface PostOptions {
  agent: Agent;
  token: string | undefined;
  /** Milliseconds for the whole response. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

export interface Posted {
  verdict: Verdict;
  /** A gateway has verified it already. */
  verified: boolean;
}

/** `connectMs`: a host that drops packets is found out long before a run's timeout. */
export function newAgent(connectMs: number): Agent {
  // `postRun` has a timeout for each run.
  return new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0 });
}

/** One attempt on one endpoint. Rejects only with the reason of `signal`, once that has fired. */
export async function postRun(url: string, run: RunCodeRequest, options: PostOptions): Promise<Posted> {
  const { agent, token, timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const timeout = new AbortController();
  const clearTimer = after(timeoutMs, () => timeout.abort());
  try {
    const response = await request(`${url}/run_code`, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [PATIENCE_HEADER]: String(timeoutMs / 1000),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(run),
      signal: signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal]),
    });
    const { statusCode: status, headers } = response;
    const verdict = judge({ status, headers, body: await response.body.text() });
    return { verdict, verified: headers[VERIFIED_HEADER] !== undefined };
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.signal.aborted) return failed(`no answer within ${timeoutMs / 1000} s`);
    const connecting = codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT';
    return failed(connecting ? 'connection timed out' : messageOf(error));
  } finally {
    clearTimer();
  }
}

function failed(error: string): Posted {
  return { verdict: judge({ error }), verified: false };
}
