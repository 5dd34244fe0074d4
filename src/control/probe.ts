import { randomBytes } from 'node:crypto';
import {
  CANARY_TIMEOUT_S,
  type CanaryResult,
  canaryRequest,
  healthRequest,
  judgeCanary,
} from '../api/canary.js';
import {
  type Credentials,
  challenge,
  GATEWAY_IDENTITY,
  judgeIdentity,
  SERVER_IDENTITY,
} from '../api/identity.js';
import { judge } from '../api/verdict.js';
import { type Capacity, capacitySchema } from '../api/wire.js';
import { messageOf } from '../errors.js';
import { NoAnswer, oneRequest } from './one-request.js';

/** The connection tells a node that drops our packets from a slow one. */
const CONNECT_MS = 3_000;
const LIMITS = { connectMs: CONNECT_MS, silentMs: CANARY_TIMEOUT_S * 1000 };

/** `credentials` null: a bare URL, where any server will do. */
export type Probe = (
  url: string,
  credentials: Credentials | null,
  signal?: AbortSignal,
) => Promise<CanaryResult>;

/** Each health check has a new connection: one that was kept open does not test the listener. */
export const probe: Probe = async (url, credentials, signal) => {
  const random = randomBytes(8).toString('hex');
  const { nonce = null, secret } = credentials ?? {};
  const run = async (program: object) =>
    judge(await oneRequest(`${url}/run_code`, { ...LIMITS, json: program, signal }));
  try {
    if (!secret) return judgeCanary(random, nonce, await run(canaryRequest(random)));
    const identified = await identify(url, SERVER_IDENTITY, secret, signal);
    return identified.ok ? judgeCanary(random, null, await run(healthRequest(random))) : identified;
  } catch (error) {
    return failed(error);
  }
};

export const probeGateway: Probe = async (url, credentials, signal) => {
  const { nonce, secret } = credentials ?? {};
  try {
    if (secret) {
      const identified = await identify(url, GATEWAY_IDENTITY, secret, signal);
      if (!identified.ok) return identified;
    }
    const { status, body } = await oneRequest(`${url}/healthz`, { ...LIMITS, signal });
    if (status !== 200) return { ok: false, reason: `/healthz: HTTP ${status}` };
    if (body.includes(nonce ?? '')) return { ok: true };
    return { ok: false, foreign: true, reason: 'another server answers there' };
  } catch (error) {
    return failed(error);
  }
};

async function identify(
  url: string,
  route: string,
  secret: string,
  signal: AbortSignal | undefined,
): Promise<CanaryResult> {
  const asked = challenge(route, secret, url);
  const { status, body } = await oneRequest(`${url}${asked.target}`, { ...LIMITS, signal });
  return judgeIdentity(asked, status, body);
}

/** Time limit of asking a server for its load. Milliseconds. */
const CAPACITY_MS = 2_000;

/** What a server's isolation lacks, as it reports itself. */
export async function askMissing(url: string): Promise<readonly string[]> {
  return (await askCapacity(url))?.isolation?.missing ?? [];
}

/** The runs that a server has under way or queued, as it reports itself; null for SandboxFusion, which does not. */
export async function askRunning(url: string): Promise<number | null> {
  const capacity = await askCapacity(url);
  return capacity === undefined ? null : capacity.running + capacity.queued;
}

async function askCapacity(url: string): Promise<Capacity | undefined> {
  try {
    const signal = AbortSignal.timeout(CAPACITY_MS);
    const limits = { connectMs: CAPACITY_MS, silentMs: CAPACITY_MS };
    const { status, body } = await oneRequest(`${url}/v1/capacity`, { ...limits, signal });
    const { data } = capacitySchema.safeParse(status === 200 ? JSON.parse(body) : undefined);
    return data;
  } catch {
    return undefined;
  }
}

function failed(error: unknown): CanaryResult {
  if (!(error instanceof NoAnswer)) return { ok: false, reason: messageOf(error) };
  if (error.kind === 'unconnected') return { ok: false, reason: 'no answer to the connection' };
  const reason = `it takes connections, and gave no answer within ${CANARY_TIMEOUT_S} s`;
  return { ok: false, silent: true, reason };
}
