import { expect, test } from 'vitest';
import { proxiesIn } from '../../src/doctor/gather/proxies.js';
import { redact } from '../../src/doctor/redact.js';

test.each([
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'ghp_'],
  ['hf_AbCdEfGhIjKlMnOpQr', 'AbCd'],
  ['sk-proj-abcd1234efgh5678', 'abcd'],
  ['xoxb-123456789012-abcdefabcdef', '1234'],
  ['AKIAIOSFODNN7EXAMPLE', 'IOSF'],
  ['glpat-ABCDEFGHIJ1234567890', 'ABCD'],
  ['AIzaSyA-abcdefghijklmnop', 'SyA'],
  ['dckr_pat_abcdefgHIJKL12345', 'abcd'],
  ['the password is hunter2pass', 'hunter'],
  ['Authorization: Token abc', 'abc'],
  ['Cookie: session=abcd', 'abcd'],
  ['X-Api-Key: abcd5566', 'abcd'],
  ['x-auth-token: abcd', 'abcd'],
  ['https://x/?sig=abcd&X-Amz-Signature=efgh', 'abcd'],
  ['https://x/?sig=abcd&X-Amz-Signature=efgh', 'efgh'],
  ['https://hooks.slack.com/services/T00/B00/abcd', 'abcd'],
  ['http://me:p@ss/w0rd!@host:3128/', 'w0rd'],
  ['curl -u me:abcd77 https://x', 'abcd'],
  ['PGPASSWORD=abcd44 AWS_SECRET_ACCESS_KEY=efgh', 'abcd'],
  ['PGPASSWORD=abcd44 AWS_SECRET_ACCESS_KEY=efgh', 'efgh'],
  ['push --password abcd55', 'abcd'],
  ['push --api-key abcd66', 'abcd'],
  [JSON.stringify({ data: JSON.stringify({ apiKey: 'abcd1234' }) }), 'abcd'],
  ['private_token=abcd', 'abcd'],
  ['passphrase: abcd', 'abcd'],
])('%s holds no %s afterwards', (text, secret) => {
  expect(redact(text, [])).not.toContain(secret);
});

test('words and paths that are no secrets stay', () => {
  const text =
    'the servers need no password; /home/me/.local/state, node1:8080, http://10.0.0.1:8080/run_code, 3 of 4 ready';
  expect(redact(text, [])).toBe(text);
});

test('of a proxy its host stays, whatever its password is made of', () => {
  const shown = proxiesIn({ https_proxy: 'http://me:p@ss/w0rd!@proxy:3128', http_proxy: 'me:pw@proxy:1' });
  expect([...shown.values()]).toEqual(['http://proxy:3128', 'proxy:1']);
});
