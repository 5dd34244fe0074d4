import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Credentials {
  nonce: string | null;
  secret?: string | null | undefined;
}

/** The route of an embedded server, and of a gateway, whose /v1 is that of its endpoints. Asked with `?random=RANDOM`. */
export const SERVER_IDENTITY = '/v1/identity';
export const GATEWAY_IDENTITY = '/_sandboxctl/identity';

/** What an asker may hand in to be signed: hexadecimal, so that no other text is ever signed by a job's secret. */
const RANDOM = /[?&]random=([\da-f]{16,64})(?:&|$)/;

export interface Challenge {
  target: string;
  expected: string;
}

/** `url`: of the server, which signs its port too, so that another port cannot relay the answer. */
export function challenge(route: string, secret: string, url: string): Challenge {
  const random = randomBytes(16).toString('hex');
  return {
    target: `${route}?random=${random}`,
    expected: hmac(secret, random, Number(new URL(url).port || 80)),
  };
}

/** `port`: the local port of the server's end of the connection. */
export function identify(
  secret: string | null,
  url: string,
  port: number | undefined,
): { status: number; body: object } {
  if (secret === null || port === undefined) return { status: 404, body: { detail: 'Not Found' } };
  const [, random] = RANDOM.exec(url) ?? [];
  if (random === undefined)
    return { status: 422, body: { detail: 'random must be 16 to 64 hexadecimal digits' } };
  return { status: 200, body: { hmac: hmac(secret, random, port) } };
}

export type Identified = { ok: true } | { ok: false; foreign?: true; reason: string };

export function judgeIdentity({ expected }: Challenge, status: number, body: string): Identified {
  // Its own server would say neither: there is the route, and the challenge is well-formed.
  const foreign = { ok: false, foreign: true, reason: 'another server answers there' } as const;
  if (status === 404 || status === 405 || status === 422) return foreign;
  if (status !== 200)
    return { ok: false, reason: `${SERVER_IDENTITY}: HTTP ${status} ${body.slice(0, 200)}` };
  const given = /^\{"hmac":"([\da-f]{64})"\}$/.exec(body)?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(expected)) ? { ok: true } : foreign;
}

const digest = (text: string) => createHmac('sha256', 'length').update(text).digest();

function hmac(secret: string, random: string, port: number): string {
  return createHmac('sha256', secret).update(`${random}:${port}`).digest('hex');
}
