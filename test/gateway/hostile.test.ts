import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { finished } from '../client/servers.js';
import { gatewayFor } from './start.js';
import { ok, type Upstream, upstream } from './upstream.js';

async function server(...how: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...how);
  onTestFinished(() => made.close());
  return made;
}

const BOMB = `{"status":"Success","message":"","compile_result":null,"run_result":null,"x":[${'{},'.repeat(500_000)}{}]}`;

test.each([
  ['of a million values', BOMB, 'Too many values'],
  ['as deep', '['.repeat(2_000_000), 'Nested too deeply'],
  ['of blanks', `${' '.repeat(8_000_000)}{}`, 'Too long beside its strings'],
  ['of a string that does not end', `{"status":"${'x'.repeat(2_000_000)}`, 'Unterminated string'],
])('an answer %s is refused before it is parsed', async (_what, body, reason) => {
  const hostile = await server(({ response }) => void response.end(body));
  const gateway = await gatewayFor([hostile.url], { tries: 1 });
  const answer = await gateway.run();
  expect([answer.status, answer.headers.get('x-sandboxctl-infra-error')]).toEqual([
    504,
    expect.stringContaining(reason),
  ]);
});

test('a long answer in pieces of one byte is passed on whole', async () => {
  const text = finished(`${'\\u0000x"\\'.replaceAll('\\u0000', '\0').repeat(100_000)}é`);
  const pieces = await server(({ response }) => {
    response.removeHeader('content-length');
    response.socket?.write(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const bytes = Buffer.from(text);
    const chunks = Array.from(
      { length: bytes.length },
      (_, at) => `1\r\n${bytes.toString('latin1', at, at + 1)}\r\n`,
    );
    response.socket?.write(`${chunks.join('')}0\r\n\r\n`, 'latin1');
  });
  const gateway = await gatewayFor([pieces.url]);
  const answer = await gateway.run();
  expect(answer.status).toBe(200);
  expect((await answer.text()) === text).toBe(true);
});

test.each([302, 304, 204, 206])('HTTP %i in answer to a run is not passed on', async (status) => {
  const astray = await server(({ response }) => {
    response.writeHead(status, { location: 'http://127.0.0.1:1/run_code' });
    response.end();
  });
  const gateway = await gatewayFor([astray.url, (await server()).url]);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => gateway.run(undefined, { redirect: 'manual' })),
  );
  expect(answers.map((each) => each.status)).toEqual(Array(8).fill(200));
  expect(astray.runs).toBeGreaterThan(0);
});

test('a request that silences servers takes two of them out of rotation, not the whole fleet', async () => {
  const servers = await Promise.all(
    [0, 1, 2, 3].map(async () => {
      let wedged = false;
      return server(
        ({ response, run }) => {
          if (run.code === 'wedge') wedged = true;
          if (!wedged) ok(response);
        },
        (response, right) => {
          if (!wedged) response.end(right);
        },
      );
    }),
  );
  const gateway = await gatewayFor(
    servers.map(({ url }) => url),
    { tries: 4, canaryEvery: 0.2, canaryTimeout: 0.3 },
  );
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.filter(({ state }) => state === 'in').length)
    .toBe(4);
  const wedge = { code: 'wedge', language: 'python', compile_timeout: 20, run_timeout: 20 };
  const answer = await gateway.run(wedge);
  expect([answer.status, answer.headers.get('x-sandboxctl-infra-error')]).toEqual([
    504,
    expect.stringContaining('2 endpoints fell silent while they had this request'),
  ]);
  expect((await gateway.snapshot()).endpoints.filter(({ ejected }) => ejected > 0)).toHaveLength(2);
  expect((await gateway.run()).status).toBe(200);
});

test('half-sent requests are ended if others need their memory, so that no client is refused', async () => {
  const gateway = await gatewayFor([(await server()).url], { bodyLimit: 2 ** 28 });
  const { hostname, port } = new URL(gateway.url);
  const half = Array.from({ length: 5 }, () => connect(Number(port), hostname));
  onTestFinished(() => {
    for (const each of half) each.destroy();
  });
  const head =
    'POST /run_code HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n';
  for (const each of half) each.write(`${head}{"code":"`);
  await Promise.all(half.map((each) => each.connecting && once(each, 'connect')));
  expect((await gateway.run({ code: 'x'.repeat(300_000), language: 'python' })).status).toBe(200);
});
