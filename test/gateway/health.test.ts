import { expect, onTestFinished, test } from 'vitest';
import { Health } from '../../src/gateway/health/health.js';
import { SANDBOX_ERROR } from '../client/servers.js';
import { gatewayFor, PROGRAM, type Started } from './start.js';
import { ok, type Upstream, upstream } from './upstream.js';

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const states = async (gateway: Started) => (await gateway.snapshot()).endpoints.map(({ state }) => state);

/** Runs without a pause, until it is told to end; gives the answers that were not right. */
function load(gateway: Started, atOnce: number): () => Promise<string[]> {
  const wrong: string[] = [];
  let ended = false;
  const worker = async () => {
    while (!ended) {
      const answer = await gateway.run();
      const text = await answer.text();
      if (answer.status !== 200 || !text.includes('"hello\\n"')) wrong.push(`${answer.status} ${text}`);
    }
  };
  const workers = Array.from({ length: atOnce }, worker);
  return async () => {
    ended = true;
    await Promise.all(workers);
    return wrong;
  };
}

test('three failures in a row take an endpoint out of rotation and two successes bring it back, later each time', () => {
  const health = new Health();
  expect([health.recordSuccess(0), health.state]).toEqual([true, 'in']);
  const fail = (now: number) => [1, 2, 3].map(() => health.recordFailure(now, 'x'));
  health.recordFailure(0, 'x');
  health.recordFailure(0, 'x');
  health.recordSuccess(0);
  expect([fail(1), health.state]).toEqual([[false, false, true], 'out']);
  // At least half a second, and two in a row.
  expect([health.recordSuccess(100), health.recordSuccess(200), health.recordSuccess(501)]).toEqual([
    false,
    false,
    true,
  ]);
  fail(1000);
  expect([health.recordSuccess(1600), health.recordSuccess(1700), health.recordSuccess(2000)]).toEqual([
    false,
    false,
    true,
  ]);
  fail(3000);
  expect([
    health.recordSuccess(5000),
    health.recordFailure(5001, 'x'),
    health.recordSuccess(5002),
    health.recordSuccess(5003),
  ]).toEqual([...[false, false, false, true]]);
  expect(health.ejections.map(({ at }) => at)).toEqual([3000, 1000, 1]);
});

test('a server that hangs under load leaves rotation and comes back by itself, and every request gets its answer', async () => {
  let hangs = false;
  const open: (() => void)[] = [];
  const answer = (response: Parameters<typeof ok>[0], stdout?: string) => {
    const go = () => ok(response, stdout);
    if (hangs) open.push(go);
    else setTimeout(go, 10);
  };
  const one = await server(
    ({ response }) => answer(response),
    (response, right) => (hangs ? open.push(() => void response.end(right)) : void response.end(right)),
  );
  const others = await Promise.all(
    [1, 2, 3].map(() => server(({ response }) => void setTimeout(() => ok(response), 10))),
  );
  const gateway = await gatewayFor(
    [one, ...others].map(({ url }) => url),
    { limit: 4 },
  );
  await expect.poll(() => states(gateway)).toEqual(['in', 'in', 'in', 'in']);
  const end = load(gateway, 12);
  hangs = true;
  await expect.poll(() => states(gateway)).toEqual(['out', 'in', 'in', 'in']);
  expect((await gateway.snapshot()).endpoints[0]?.ejections[0]?.reason).toMatch(
    /the health check got no answer within 1 s$/,
  );
  // Those that hung there were taken elsewhere, long before the run's own timeouts.
  await expect.poll(async () => (await gateway.snapshot()).retries.ejected ?? 0).toBeGreaterThan(0);
  hangs = false;
  for (const go of open.splice(0)) go();
  await expect.poll(() => states(gateway)).toEqual(['in', 'in', 'in', 'in']);
  const before = one.runs;
  await expect.poll(() => one.runs).toBeGreaterThan(before);
  expect(await end()).toEqual([]);
  expect(Math.max(one.most, ...others.map(({ most }) => most))).toBeLessThanOrEqual(4);
});

test('a slow run does not take its server out of rotation', async () => {
  const one = await server(({ response }) => void setTimeout(() => ok(response), 3000));
  const gateway = await gatewayFor([one.url], { canaryEvery: 0.2, canaryTimeout: 0.5 });
  await expect.poll(() => states(gateway)).toEqual(['in']);
  expect((await gateway.run({ ...PROGRAM, run_timeout: 10 })).status).toBe(200);
  expect((await gateway.snapshot()).endpoints[0]).toMatchObject({ state: 'in', ejected: 0, failures: 0 });
});

test('a server that fails every third run stays in rotation, and no client sees a failure', async () => {
  const bad = await server(({ response, index }) =>
    index % 3 === 2 ? void response.end(SANDBOX_ERROR) : ok(response),
  );
  const gateway = await gatewayFor([bad.url, (await server()).url]);
  await expect.poll(() => states(gateway)).toEqual(['in', 'in']);
  const end = load(gateway, 4);
  await expect.poll(() => bad.runs).toBeGreaterThan(100);
  expect(await end()).toEqual([]);
  expect(await states(gateway)).toEqual(['in', 'in']);
});

test('successful runs keep a server in rotation while its health checks fail', async () => {
  const one = await server(
    ({ response }) => ok(response),
    (response) => void response.writeHead(404).end(),
  );
  const gateway = await gatewayFor([one.url], { canaryEvery: 0.1 });
  expect((await gateway.run()).status).toBe(200);
  expect((await gateway.snapshot()).endpoints[0]?.state).toBe('in');
});

test('the gateway queues requests while no server is listed, and continues once one is', async () => {
  const one = await server();
  const gateway = await gatewayFor([]);
  const asked = gateway.run();
  await expect.poll(async () => (await gateway.snapshot()).queue.waiting).toBe(1);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(503);
  gateway.listing.set([one.url]);
  expect((await asked).status).toBe(200);
});
