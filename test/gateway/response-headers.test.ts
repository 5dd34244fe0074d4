import { expect, test } from 'vitest';
import { responseHeaders } from '../../src/gateway/http/headers.js';

test.each([
  ['Access-Control-Allow-Origin', '*'],
  ['access-control-allow-credentials', 'true'],
  ['Set-Cookie', 'session=1'],
  ['X-Sandboxctl-Verified', 'all'],
])('an endpoint cannot say %s in the name of the gateway', (name, value) => {
  expect(responseHeaders(['X-Kept', '1', name, value], 2)).toEqual(['X-Kept', '1', 'content-length', '2']);
});
