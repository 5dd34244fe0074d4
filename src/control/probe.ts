import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { CANARY_TIMEOUT_S, type CanaryResult, canaryRequest, judgeCanary } from '../api/canary.js';
import { type Answer, judge } from '../api/verdict.js';
import { capacitySchema } from '../api/wire.js';
import { codeOf, messageOf } from '../errors.js';

/** A node that drops our packets is told from a slow one by the connection, not by the program. */
const CONNECT_MS = 3_000;

/** Sends one canary to a server. `nonce` null: a bare URL, of which any server will do. */
export type Probe = (url: string, nonce: string | null, signal?: AbortSignal) => Promise<CanaryResult>;

/** A connection of its own for each canary: one that was kept open says nothing about the listener. */
export const probe: Probe = async (url, nonce, signal) => {
  const random = randomBytes(8).toString('hex');
  const agent = agentFor();
  try {
    return judgeCanary(random, nonce, judge(await post(agent, url, canaryRequest(random), signal)));
  } catch (error) {
    return failed(error);
  } finally {
    void agent.destroy();
  }
};

function agentFor(): Agent {
  const [connect, timeout] = [{ timeout: CONNECT_MS }, CANARY_TIMEOUT_S * 1000];
  return new Agent({ connect, headersTimeout: timeout, bodyTimeout: timeout, pipelining: 0 });
}

/** Asks a gateway whether it has a server to go to, and whether it is its job's. */
export const probeGateway: Probe = async (url, nonce, signal) => {
  const agent = agentFor();
  try {
    const options = signal === undefined ? { dispatcher: agent } : { dispatcher: agent, signal };
    const { statusCode, body } = await request(`${url}/healthz`, options);
    const text = await body.text();
    if (statusCode !== 200) return { ok: false, reason: `/healthz: HTTP ${statusCode}` };
    if (nonce === null || text.includes(nonce)) return { ok: true };
    return { ok: false, foreign: true, reason: 'another server answers there' };
  } catch (error) {
    return failed(error);
  } finally {
    void agent.destroy();
  }
};

/** A server that needs longer to say how busy it is has no better answer. Milliseconds. */
const CAPACITY_MS = 2_000;

/** The runs that a server has under way or waiting, by its own account; null where it gives none, as SandboxFusion. */
export async function askRunning(url: string): Promise<number | null> {
  const agent = new Agent({ connect: { timeout: CAPACITY_MS } });
  try {
    const signal = AbortSignal.timeout(CAPACITY_MS);
    const { statusCode, body } = await request(`${url}/v1/capacity`, { dispatcher: agent, signal });
    const capacity: unknown = statusCode === 200 ? await body.json() : undefined;
    const { data } = capacitySchema.safeParse(capacity);
    return data === undefined ? null : data.running + data.queued;
  } catch {
    return null;
  } finally {
    void agent.destroy();
  }
}

/** No answer came. A network that lets no connection through is another thing than a server that takes it. */
function failed(error: unknown): CanaryResult {
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return { ok: false, reason: 'no answer to the connection' };
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const reason = `it takes connections, and gave no answer within ${CANARY_TIMEOUT_S} s`;
    return { ok: false, silent: true, reason };
  }
  return { ok: false, reason: messageOf(error) };
}

async function post(
  agent: Agent,
  url: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const answer = await request(`${url}/run_code`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}
