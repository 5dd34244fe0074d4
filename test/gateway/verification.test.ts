import type { ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canaryAnswer, finished, SANDBOX_ERROR } from '../client/servers.js';
import { gatewayFor, PROGRAM, type Started } from './start.js';
import { ok, type Upstream, upstream } from './upstream.js';

const HEADER = 'x-sandboxctl-infra-error';

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const states = async (gateway: Started) => (await gateway.snapshot()).endpoints.map(({ state }) => state);
const FAILED = finished('', { return_code: 1, stderr: 'Traceback' });
const right = () => server(({ response }) => ok(response));

async function allIn(gateway: Started): Promise<Started> {
  await expect.poll(async () => new Set(await states(gateway))).toEqual(new Set(['in']));
  return gateway;
}

describe('a server that reports every program', () => {
  test.each([
    ['as failed', FAILED],
    ['as timed out', finished('', { status: 'TimeLimitExceeded', return_code: null })],
    ['without its output', finished('')],
    [
      'as without an interpreter',
      finished('', { return_code: 127, stderr: '/bin/bash: line 1: python: command not found\n' }),
    ],
  ])('%s is never believed, and leaves rotation while others still work', async (_, answer) => {
    let broken = false;
    const reply = (response: ServerResponse, otherwise: string) =>
      void response.end(broken ? answer : otherwise);
    const bad = await server(
      ({ response }) => reply(response, finished('hello\n')),
      (response, good) => reply(response, good),
    );
    const gateway = await allIn(await gatewayFor([bad.url, (await right()).url], { canaryEvery: 60 }));
    broken = true;
    let ended = false;
    const wrong: string[] = [];
    const worker = async () => {
      while (!ended) {
        const text = await (await gateway.run()).text();
        if (text !== finished('hello\n')) wrong.push(text);
      }
    };
    const workers = Array.from({ length: 4 }, worker);
    await expect.poll(() => states(gateway)).toEqual(['out', 'in']);
    ended = true;
    await Promise.all(workers);
    expect(wrong).toEqual([]);
  });
});

test('a failure that no health check can confirm in time is a 504 of the sandbox, not a wrong program', async () => {
  let hangs = false;
  const one = await server(
    ({ response }) => {
      hangs = true;
      response.end(FAILED);
    },
    (response, good) => {
      if (!hangs) response.end(good);
    },
  );
  const gateway = await allIn(await gatewayFor([one.url], { canaryEvery: 60, canaryTimeout: 30 }));
  // Reasoning360's client waits 2 s beyond the run's own timeout.
  const answer = await gateway.run({ code: 'exit(1)', language: 'python', run_timeout: 0.1 });
  expect([answer.status, answer.headers.get(HEADER)]).toEqual([
    504,
    expect.stringMatching(/^unverified: the program failed \(return code 1\), and no health check passed/),
  ]);
});

test('an answer that is held for verification takes no slot', async () => {
  const checks: (() => void)[] = [];
  let begun = false;
  const one = await server(
    ({ response, index }) => {
      begun = true;
      if (index === 0) response.end(FAILED);
      else ok(response);
    },
    (response, good) => {
      if (begun) checks.push(() => void response.end(good));
      else response.end(good);
    },
  );
  const gateway = await allIn(await gatewayFor([one.url], { limit: 1, canaryEvery: 60, canaryTimeout: 60 }));
  const held = gateway.run();
  await expect.poll(() => checks.length).toBe(1);
  for (let count = 0; count < 5; count += 1) expect((await gateway.run()).status).toBe(200);
  checks[0]?.();
  expect(await (await held).text()).toBe(FAILED);
});

test('if a health check is late while runs succeed, the answer stays held and the server stays in rotation', async () => {
  let late = 0;
  const one = await server(
    ({ response, run }) => void response.end(run.code === 'exit(1)' ? FAILED : finished('hello\n')),
    (response, good) => {
      if (one.runs > 0 && late < 4) late += 1;
      else response.end(good);
    },
  );
  const gateway = await allIn(await gatewayFor([one.url], { canaryEvery: 0.2, canaryTimeout: 0.3 }));
  let ended = false;
  const load = (async () => {
    while (!ended) await (await gateway.run()).text();
  })();
  const answer = await gateway.run({ ...PROGRAM, code: 'exit(1)' });
  expect(await answer.text()).toBe(FAILED);
  ended = true;
  await load;
  expect(late).toBe(4);
  expect((await gateway.snapshot()).endpoints[0]).toMatchObject({ state: 'in', ejected: 0 });
  expect((await gateway.counts()).endpoints[0]?.canaries.bad).toBe(0);
});

test('if more than half of a fleet would leave rotation at once, none leaves, and a warning is logged', async () => {
  let broken = false;
  const bad = () =>
    server(
      ({ response }) => void response.end(broken ? FAILED : finished('hello\n')),
      (response, good) => void response.end(broken ? FAILED : good),
    );
  const servers = [await bad(), await bad(), await right()];
  const gateway = await allIn(
    await gatewayFor(
      servers.map(({ url }) => url),
      { canaryEvery: 0.2 },
    ),
  );
  broken = true;
  await expect.poll(() => gateway.said.join('\n')).toContain('warning: 2 of 3 servers fail at once');
  expect(await states(gateway)).toEqual(['in', 'in', 'in']);
  // What they answer is still not believed.
  for (let count = 0; count < 6; count += 1)
    expect(await (await gateway.run()).text()).toBe(finished('hello\n'));
  broken = false;
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.map(({ failures }) => failures))
    .toEqual([0, 0, 0]);
});

test('requests to a fleet that fails as a whole are queued, and use up no tries', async () => {
  let broken = false;
  const servers = await Promise.all(
    [0, 1].map(() =>
      server(
        ({ response }) => void response.end(broken ? FAILED : finished('hello\n')),
        (response, good) => void response.end(broken ? FAILED : good),
      ),
    ),
  );
  const gateway = await allIn(
    await gatewayFor(
      servers.map(({ url }) => url),
      { tries: 2, canaryEvery: 60 },
    ),
  );
  broken = true;
  const answer = gateway.run();
  await expect.poll(() => servers.map(({ runs }) => runs)).toEqual([1, 1]);
  await expect.poll(async () => (await gateway.snapshot()).queue.waiting).toBe(1);
  broken = false;
  expect(await (await answer).text()).toBe(finished('hello\n'));
});

const refused = (words: string) =>
  JSON.stringify({ ...JSON.parse(SANDBOX_ERROR), message: `exception on running code x: ${words} None` });

test('the error of a request that two servers reject is passed on, and both stay in rotation', async () => {
  const servers = await Promise.all(
    [0, 1, 2].map((number) =>
      server(({ response, run }) => {
        if (run.code === PROGRAM.code) ok(response);
        else response.end(refused(`[Errno 36] File name too long: '/tmp/tmp${number}ab/nn'`));
      }),
    ),
  );
  const gateway = await allIn(await gatewayFor(servers.map(({ url }) => url)));
  for (let count = 0; count < 5; count += 1) {
    const answer = await gateway.run({ ...PROGRAM, code: 'x' });
    expect([answer.status, answer.headers.get(HEADER)]).toEqual([200, null]);
    expect(await answer.json()).toMatchObject({ status: 'SandboxError' });
  }
  expect(servers.reduce((sum, { runs }) => sum + runs, 0)).toBe(10);
  const { endpoints } = await gateway.snapshot();
  expect(endpoints.map(({ state, ejected, failures }) => [state, ejected, failures])).toEqual(
    Array(3).fill(['in', 0, 0]),
  );
});

test('a request that the only server of a fleet rejects twice is passed on', async () => {
  const one = await server(({ response }) => void response.end(refused('something new')));
  const gateway = await allIn(await gatewayFor([one.url], { canaryEvery: 60 }));
  expect(await (await gateway.run()).text()).toBe(refused('something new'));
  expect(one.runs).toBe(2);
  expect((await gateway.snapshot()).endpoints[0]).toMatchObject({ state: 'in', failures: 0 });
});

test('a server with a full queue stays in rotation, and its requests go to another one', async () => {
  const full = await server(
    ({ response }) => void response.writeHead(504, { [HEADER]: '64 runs wait already' }).end('{}'),
  );
  const gateway = await allIn(await gatewayFor([full.url, (await right()).url], { canaryEvery: 60 }));
  for (let count = 0; count < 12; count += 1) expect((await gateway.run()).status).toBe(200);
  expect(full.runs).toBeGreaterThan(3);
  expect((await gateway.snapshot()).endpoints[0]).toMatchObject({ state: 'in', ejected: 0, failures: 0 });
});

test('a run that failed on one server and then succeeded on another counts against the first', async () => {
  const bad = await server(({ response }) => void response.end(SANDBOX_ERROR));
  const gateway = await allIn(await gatewayFor([bad.url, (await right()).url], { canaryEvery: 60 }));
  while (bad.runs < 3) expect((await gateway.run()).status).toBe(200);
  await expect.poll(() => states(gateway)).toEqual(['out', 'in']);
});

test('--verify none passes everything on at once, --verify all holds successes too', async () => {
  const one = await server(
    ({ response }) => void response.end(FAILED),
    (response, good) => void response.end(one.runs === 0 ? good : finished('')),
  );
  const none = await allIn(await gatewayFor([one.url], { verify: 'none', canaryEvery: 60 }));
  expect(await (await none.run()).text()).toBe(FAILED);
  const two = await right();
  const all = await allIn(await gatewayFor([two.url], { verify: 'all', canaryEvery: 60 }));
  const before = two.canaries;
  const answer = await all.run();
  expect([answer.headers.get('x-sandboxctl-verified'), two.canaries]).toEqual(['all', before + 1]);
});

test('the gateway asks a server for its number of slots, which may differ from its number of CPUs', async () => {
  const one = await server(({ response }) => ok(response));
  const gateway = await allIn(await gatewayFor([one.url], { limit: 16 }));
  expect((await gateway.snapshot()).endpoints[0]?.limit).toBe(16);
  const ours = await server(undefined, undefined, { slots: 3, running: 0, queued: 0 });
  gateway.listing.set([ours.url]);
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.map(({ limit, state }) => [limit, state]))
    .toEqual([[3, 'in']]);
  // It is ours, so it loses no output.
  expect((await gateway.run()).status).toBe(200);
  expect(ours.runs).toBe(1);
});

test('health checks keep their own interval under any traffic', async () => {
  const one = await right();
  const gateway = await allIn(await gatewayFor([one.url], { canaryEvery: 0.2 }));
  const before = one.canaries;
  while (one.canaries < before + 3) expect((await gateway.run()).status).toBe(200);
});

test.each([
  ['the exit code', (good: object) => ({ ...good, return_code: 0 })],
  ['stderr', (good: object) => ({ ...good, stderr: '' })],
  ['stdin', (good: object) => ({ ...good, stdout: ':\n' })],
])('a server that loses %s is found out', async (_, broken) => {
  const one = await server(undefined, (response) => {
    const { run_result } = JSON.parse(canaryAnswer({ code: '', language: 'python', stdin: 'x' }));
    response.end(JSON.stringify({ ...JSON.parse(finished('')), run_result: broken(run_result) }));
  });
  const gateway = await gatewayFor([one.url, (await right()).url], { canaryEvery: 0.1 });
  await expect.poll(() => one.canaries).toBeGreaterThan(2);
  expect((await states(gateway))[0]).toBe('new');
});
