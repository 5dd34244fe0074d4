import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SandboxClient } from '../../../src/client/client.js';
import { SandboxRequestError } from '../../../src/client/errors.js';
import { gatewayFor } from '../../gateway/start.js';
import { type ServedCli, serveCli } from '../serve/server.js';

/** Requests that no server can run: each is answered once, as by the server itself, and puts no server out of rotation. */
const file = (path: string) => ({ files: { [path]: 'eA==' } });
const OF_ANY_ISOLATION: [string, object][] = [
  ['a NUL in the name of a file', file('x\0y')],
  ['a name of 300 characters', file('n'.repeat(300))],
  ['a path of 5,000 characters', file(`${'d/'.repeat(2500)}x`)],
  ['a file, and a file below it', { files: { a: 'eA==', 'a/b': 'eA==' } }],
  ['a folder for a file', file('d/')],
  ['an empty name', file('')],
  ['the folder itself', file('.')],
  ['a NUL in a name to fetch', { fetch_files: ['a\0'] }],
  ['a language without tools', { language: 'swift' }],
  ['sql', { language: 'sql' }],
  [
    'words in the code that could be the request fault of another',
    { ...file('x\0y'), code: ': no space None' },
  ],
  ['base64 that is none', { files: { a: 'x' } }],
];
const OF_A_SANDBOX: [string, object][] = [
  ['a file below /proc', file('/proc/x')],
  ['a file below /etc', file('/etc/x')],
  ['a tool of the host', file('/usr/bin/python3')],
  ['a path of the host', file('/mnt/data/a.csv')],
];

describe.each([
  ['none', OF_ANY_ISOLATION],
  ['lite', [...OF_ANY_ISOLATION, ...OF_A_SANDBOX]],
] as const)('--isolation %s', (isolation, requests) => {
  let served: ServedCli[];
  beforeAll(async () => {
    served = await Promise.all([0, 1].map(() => serveCli(['--isolation', isolation])));
  });
  afterAll(async () => {
    await Promise.all(served.map((each) => each.stop()));
  });

  test('the gateway passes a request’s own fault on, once, and ejects no server', async () => {
    const urls = served.map(({ url }) => url);
    const gateway = await gatewayFor(urls, { canaryEvery: 60, canaryTimeout: 10 });
    await expect.poll(async () => (await gateway.run({ language: 'bash', code: 'true' })).status).toBe(200);
    const client = new SandboxClient({ endpoints: gateway.url });
    for (const [what, request] of requests) {
      const asked = { language: 'bash', code: 'true', ...request };
      const [direct, passedOn] = [await served[0]?.post(asked), await gateway.run(asked)];
      const body = (await passedOn.json()) as { status: string };
      expect([what, passedOn.status, body.status]).toEqual([what, 200, 'SandboxError']);
      expect(withoutNames(body)).toEqual(withoutNames(await direct?.json()));
      expect(passedOn.headers.get('x-sandboxctl-request-error')).not.toBeNull();
      await expect(client.run(asked as never)).rejects.toThrow(SandboxRequestError);
    }
    const { endpoints, ...counts } = await gateway.snapshot();
    expect(counts).toMatchObject({ retries: {} });
    expect(endpoints.map(({ ejected }) => ejected)).toEqual([0, 0]);
    await client.close();
  });
});

/** Each run has a folder of its own. */
function withoutNames(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replace(/tmp[a-z0-9_]{8}/g, 'tmpNAME'));
}
