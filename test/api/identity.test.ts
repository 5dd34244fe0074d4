import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { canaryRequest, healthRequest, isCanary, NONCE_VARIABLE, withNonce } from '../../src/api/canary.js';
import { challenge, identify, judgeIdentity, SERVER_IDENTITY } from '../../src/api/identity.js';

const URL = 'http://node1:8080';
const answered = (secret: string | null, target: string, port = 8080) => {
  const { status, body } = identify(secret, target, port);
  return [status, JSON.stringify(body)] as const;
};

test('who has the secret answers a challenge, by an HMAC of it and the port', () => {
  const asked = challenge(SERVER_IDENTITY, 's3cret', URL);
  const [status, body] = answered('s3cret', asked.target);
  const [, random] = /random=(.*)/.exec(asked.target) ?? [];
  const hmac = createHmac('sha256', 's3cret').update(`${random}:8080`).digest('hex');
  expect([status, body]).toEqual([200, JSON.stringify({ hmac })]);
  expect(judgeIdentity(asked, status, body)).toEqual({ ok: true });
});

test.each([
  ['another secret', (target: string) => answered('other', target)],
  ['none', (target: string) => answered(null, target)],
  ['an answer that is relayed from another port', (target: string) => answered('s3cret', target, 8081)],
  ['an answer of before', () => answered('s3cret', challenge(SERVER_IDENTITY, 's3cret', URL).target)],
  ['the challenge itself', (target: string) => [200, JSON.stringify({ hmac: target })] as const],
  ['nothing', () => [200, ''] as const],
])('%s is no proof', (_what, answer) => {
  const asked = challenge(SERVER_IDENTITY, 's3cret', URL);
  const [status, body] = answer(asked.target);
  expect(judgeIdentity(asked, status, body)).toMatchObject({ ok: false, foreign: true });
});

test('a server that is busy, or refuses the asker, is not called a stranger', () => {
  const asked = challenge(SERVER_IDENTITY, 's', URL);
  for (const status of [401, 403, 500, 503])
    expect(judgeIdentity(asked, status, 'words')).toEqual({
      ok: false,
      reason: `/v1/identity: HTTP ${status} words`,
    });
});

test.each([
  '',
  '?random=',
  '?random=xyz',
  '?random=00',
  `?random=${'0'.repeat(65)}`,
  '?random=0011223344556677x',
])('nothing but a number is signed: %s', (query) => {
  expect(identify('s', `${SERVER_IDENTITY}${query}`, 1).status).toBe(422);
});

test('the nonce of a script of before stands in health checks alone', () => {
  const before = `import os\nprint("abc123:" + os.environ.get("${NONCE_VARIABLE}", ""))`;
  expect(withNonce(before, 'n"1')).toBe('import os\nprint("abc123:" + "n\\"1")');
  expect(withNonce(canaryRequest('r').code, 'n')).toContain('.strip() + ":" + "n")');
  for (const code of [
    healthRequest('r').code,
    `${before}\nprint(1)`,
    `print(1)\n${before}`,
    before.replace('os\n', 'os \n'),
  ])
    expect(withNonce(code, 'n')).toBe(code);
});

test('both health checks are known as such', () => {
  expect([canaryRequest('r'), healthRequest('r')].map(isCanary)).toEqual([true, true]);
});
