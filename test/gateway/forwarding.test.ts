import { expect, onTestFinished, test } from 'vitest';
import { finished, SANDBOX_ERROR } from '../client/servers.js';
import { gatewayFor, PROGRAM } from './start.js';
import { ok, type Upstream, upstream } from './upstream.js';

const HEADER = 'x-sandboxctl-infra-error';

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

test('the gateway passes on status, headers and body of a response unchanged', async () => {
  const one = await server(({ request, response }) => {
    response.writeHead(222, { 'x-seen': `${request.method} ${request.url}`, 'x-twice': ['a', 'b'] });
    response.end('what it said');
  });
  const gateway = await gatewayFor([one.url]);
  const answer = await fetch(`${gateway.url}/any/route?q=1`, { method: 'PUT', body: 'x' });
  expect([answer.status, await answer.text()]).toEqual([222, 'what it said']);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'x-seen': 'PUT /any/route?q=1',
    'x-twice': 'a, b',
  });
});

test.each([
  ['a SandboxError', ({ response }) => void response.end(SANDBOX_ERROR)],
  ['HTTP 500', ({ response }) => void response.writeHead(500).end('{"detail":"x"}')],
  ['HTTP 503', ({ response }) => void response.writeHead(503).end()],
  ['a reset', ({ request }) => void request.socket.resetAndDestroy()],
  ['a connection that is closed', ({ request }) => void request.socket.destroy()],
  [
    'half a body',
    ({ request, response }) => {
      response.writeHead(200, { 'content-length': 500 });
      response.write(finished('x').slice(0, 50), () => request.socket.destroy());
    },
  ],
  ['garbage', ({ request }) => void request.socket.end('what is this')],
  ['a page', ({ response }) => void response.end('<html>')],
  ['nothing at all', () => undefined],
] satisfies [string, Parameters<typeof upstream>[0]][])(
  'the gateway retries %s on another server',
  async (_name, answer) => {
    const [bad, good] = [await server(answer), await server()];
    const gateway = await gatewayFor([bad.url, good.url]);
    // A timeout of the transport takes the run's own and five seconds more.
    const body = { ...PROGRAM, compile_timeout: -10, run_timeout: -4.5 };
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => gateway.run({ ...body, compile_timeout: 0.1 })),
    );
    expect(bad.runs).toBeGreaterThan(0);
    for (const each of answers) {
      expect([each.status, each.headers.get(HEADER)]).toEqual([200, null]);
      expect(await each.json()).toMatchObject({ status: 'Success', run_result: { stdout: 'hello\n' } });
    }
  },
);

test.each([
  ['failed', { return_code: 1, stderr: 'Traceback' }],
  ['was killed for memory', { return_code: -9, sandboxctl: { killed: 'memory' } }],
  ['timed out', { status: 'TimeLimitExceeded', return_code: null }],
])('the result of a program that %s is passed on, and the program runs once', async (_name, changes) => {
  const servers = [await server(({ response }) => void response.end(finished('x', changes))), await server()];
  const [one] = servers as [Upstream];
  const gateway = await gatewayFor([one.url]);
  const body = { ...PROGRAM, run_timeout: 0 };
  expect(await (await gateway.run(body)).json()).toMatchObject({ status: 'Failed', run_result: changes });
  expect(one.runs).toBe(1);
});

test('an invalid request is sent once, and its error passed on', async () => {
  const words = 'exception on running code x: Incorrect padding None';
  const error = { ...(JSON.parse(SANDBOX_ERROR) as object), message: words };
  const one = await server(({ response }) => void response.end(JSON.stringify(error)));
  const gateway = await gatewayFor([one.url, one.url]);
  expect(await (await gateway.run()).json()).toMatchObject({ status: 'SandboxError', message: words });
  expect(one.runs).toBe(1);
});

const refused = (words: string): string =>
  JSON.stringify({ ...JSON.parse(SANDBOX_ERROR), message: `exception on running code x: ${words} None` });

test('each retry goes to another endpoint, and if all fail the client gets 504 with the reason', async () => {
  const servers = await Promise.all(
    ['disk', 'memory', 'time'].map((what) =>
      server(({ response }) => void response.end(refused(`no ${what} left`))),
    ),
  );
  const gateway = await gatewayFor(
    servers.map(({ url }) => url),
    { tries: 3 },
  );
  const answer = await gateway.run();
  expect(answer.status).toBe(504);
  expect(answer.headers.get(HEADER)).toMatch(/^3 attempts failed: SandboxError: .*no \w+ left None \(http/);
  expect(await answer.json()).toEqual({ detail: answer.headers.get(HEADER) });
  expect(servers.map(({ runs }) => runs)).toEqual([1, 1, 1]);
});

test('a lone endpoint gets a failed request again, but only after a passed health check', async () => {
  const one = await server(({ response, index }) =>
    index === 0 ? void response.end(SANDBOX_ERROR) : ok(response),
  );
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  const before = one.canaries;
  expect((await gateway.run()).status).toBe(200);
  expect([one.runs, one.canaries]).toEqual([2, before + 1]);
  expect((await gateway.snapshot()).retries).toEqual({ sandbox_error: 1 });
});

test('a POST to another route is retried only if it surely reached no server', async () => {
  const bad = await server(({ request }) => void request.socket.destroy());
  const gone = await server();
  await gone.close();
  const gateway = await gatewayFor([bad.url]);
  const submit = () => fetch(`${gateway.url}/submit`, { method: 'POST', body: '{}' });
  expect((await submit()).status).toBe(504);
  expect(bad.runs).toBe(1);
  const good = await server();
  gateway.listing.set([gone.url, good.url]);
  await expect.poll(async () => (await gateway.snapshot()).endpoints.length).toBeGreaterThan(1);
  expect((await submit()).status).toBe(200);
});

test('no endpoint gets more than its limit, and a request that waits too long gets 504 in time', async () => {
  const open: (() => void)[] = [];
  const one = await server(({ response }) => void open.push(() => ok(response)));
  const gateway = await gatewayFor([one.url], { limit: 2 });
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  const asked = Array.from({ length: 5 }, () => gateway.run());
  await expect.poll(async () => (await gateway.snapshot()).queue.waiting).toBe(3);
  const impatient = await gateway.run({ code: 'x', language: 'python', run_timeout: -1.25 });
  expect([impatient.status, impatient.headers.get(HEADER)]).toEqual([
    504,
    'no answer in time: no free slot on any endpoint',
  ]);
  while (one.runs < 5 || open.length > 0) {
    open.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(one.most).toBe(2);
});

test('a request is refused at once when the queue is full', async () => {
  const open: (() => void)[] = [];
  const one = await server(({ response }) => void open.push(() => ok(response)));
  const gateway = await gatewayFor([one.url], { limit: 1, maxQueue: 1 });
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  const asked = [gateway.run(), gateway.run()];
  await expect.poll(async () => (await gateway.snapshot()).queue.waiting).toBe(1);
  const refused = await gateway.run();
  expect([refused.status, refused.headers.get(HEADER)]).toEqual([
    504,
    'the queue is full (1 requests are waiting)',
  ]);
  while (one.runs < 2 || open.length > 0) {
    open.shift()?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(asked);
});

test('the gateway reuses connections to an endpoint', async () => {
  const one = await server();
  const gateway = await gatewayFor([one.url], { canaryEvery: 60 });
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  const before = one.connections;
  for (let left = 20; left > 0; left -= 1) await (await gateway.run()).text();
  expect(one.connections).toBeLessThanOrEqual(before + 1);
});

test('a client that disconnects frees its place in the queue at once, and its slot when the run has ended', async () => {
  const open: (() => void)[] = [];
  const one = await server(({ response }) => void open.push(() => ok(response)));
  const gateway = await gatewayFor([one.url], { limit: 1 });
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.state).toBe('in');
  const gone = new AbortController();
  const asked = [
    gateway.run(PROGRAM, { signal: gone.signal }),
    gateway.run(PROGRAM, { signal: gone.signal }),
  ];
  const ended = Promise.allSettled(asked);
  await expect.poll(async () => (await gateway.snapshot()).queue.waiting).toBe(1);
  gone.abort();
  await ended;
  await expect.poll(async () => (await gateway.snapshot()).queue.waiting).toBe(0);
  expect((await gateway.snapshot()).endpoints[0]?.in_flight).toBe(1);
  open[0]?.();
  await expect.poll(async () => (await gateway.snapshot()).endpoints[0]?.in_flight).toBe(0);
});
