import { CLIENT_TIMEOUT_HEADER } from '../api/client-timeout.js';
import { judge, judgeInSlices, VERIFIED_HEADER, type Verdict } from '../api/verdict.js';
import { capacitySchema, MAX_ANSWER, type RunCodeRequest } from '../api/wire.js';
import { codeOf, messageOf } from '../errors.js';
import { GrowingBuffer } from '../http/growing-buffer.js';
import { nextTurn } from '../http/write.js';
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
  verified: boolean;
}

/** `connectMs`: a host that drops packets is found out long before a run's timeout. */
export function newAgent(connectMs: number): Agent {
  // `postRun` has a timeout for each run.
  return new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0 });
}

/** Rejects only with the reason of `signal`. */
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
        [CLIENT_TIMEOUT_HEADER]: String(timeoutMs / 1000),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(run),
      signal: signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, signal]),
    });
    const { statusCode: status, headers } = response;
    const body = await bodyOf(response.body, Number(headers['content-length'] ?? 0));
    const verdict = await judgeInSlices({ status, headers, body }, { pause: nextTurn });
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

/** Milliseconds. */
const CAPACITY_TIMEOUT = 5_000;

/** Whether a server says how many slots it has, as those of this project do. */
export async function askCapacity(url: string, agent: Agent, token: string | undefined): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/v1/capacity`, {
      dispatcher: agent,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(CAPACITY_TIMEOUT),
    });
    return statusCode === 200 && capacitySchema.safeParse(await body.json()).success;
  } catch {
    return false;
  }
}

function failed(error: string): Posted {
  return { verdict: judge({ error }), verified: false };
}

async function bodyOf(pieces: AsyncIterable<Buffer>, announced: number): Promise<Buffer> {
  const body = new GrowingBuffer({ keepsFirst: true, expected: Math.min(announced, MAX_ANSWER) });
  for await (const piece of pieces) {
    if (body.length + piece.length > MAX_ANSWER)
      throw new Error(`the answer is longer than ${MAX_ANSWER} bytes`);
    body.add(piece);
  }
  return body.bytes;
}
