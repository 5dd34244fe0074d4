import { Agent, request } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { inParts } from '../support/parts.js';
import { verlCase } from './clients/verl.js';
import { programs, wrongs } from './load.js';
import { gatewayFor } from './start.js';
import { forkUpstream, type UpstreamProcess } from './stubs/process.js';
import {
  answerTo,
  type Behaviour,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from './stubs/upstream.js';

const LIMIT = 4;

async function stubs(count: number, options: UpstreamOptions = {}): Promise<Upstream[]> {
  const all = await Promise.all(Array.from({ length: count }, () => startUpstream(options)));
  onTestFinished(async () => {
    await Promise.all(all.map((each) => each.close()));
  });
  return all;
}

/** A server that hangs is found out within about four seconds here. */
const front = (upstreams: readonly Upstream[]) =>
  gatewayFor(
    upstreams.map(({ url }) => url),
    { limit: LIMIT, canaryEvery: 0.3, canaryTimeout: 1 },
  );

async function countsOf(upstreams: readonly Upstream[]) {
  return Promise.all(upstreams.map((upstream) => upstream.counts()));
}

test('clients see no SandboxError of a server that answers every third run with one', async () => {
  const [bad, ...good] = await stubs(2);
  await bad?.behave({ mischief: 'sandbox-error', every: 3, sparesCanaries: true });
  const gateway = await front([bad as Upstream, ...good]);
  expect(await wrongs(gateway.url, programs(600), 8)).toEqual([]);
  // Programs of their own failure ran once each, wherever they ran.
  const all = await countsOf([bad as Upstream, ...good]);
  expect(all[0]?.runs).toBeGreaterThan(50);
});

describe('every client gets every correct answer while one of four servers', () => {
  const bad: [string, Behaviour | NodeJS.Signals][] = [
    ['is killed', 'SIGKILL'],
    ['sends garbage', { mischief: 'garbage' }],
    ['hangs but answers pings', { mischief: 'silent' }],
    ['is stopped', 'SIGSTOP'],
    ['gets slow', { mischief: 'slow', slowMs: 700 }],
    ['sends half a body', { mischief: 'half' }],
    ['sends nothing', { mischief: 'nothing' }],
  ];

  for (const { rows, tags } of inParts(bad, 3))
    test.each(rows)('%s', { tags }, async (name, how) => {
      const victim: UpstreamProcess | Upstream =
        typeof how === 'string' ? await forkUpstream() : await startUpstream();
      onTestFinished(() => victim.close());
      const good = await stubs(3);
      const gateway = await front([victim, ...good]);
      const codes = programs(160);
      const wrong = await wrongs(gateway.url, codes, 24, (n) => {
        if (n !== 40) return;
        if (typeof how === 'string') (victim as UpstreamProcess).kill(how);
        else void victim.behave(how);
      });
      expect(wrong).toEqual([]);
      const counts = await countsOf(good);
      for (const { most } of counts) expect(most).toBeLessThanOrEqual(LIMIT);
      // What a good server was asked it was asked once: nobody repeats a program that failed by itself.
      for (const { began } of counts) expect(Math.max(...Object.values(began))).toBe(1);
      const seen = (await gateway.snapshot()).endpoints.find(({ url }) => url === victim.url);
      if (name !== 'gets slow') expect(seen?.ejected).toBeGreaterThan(0);
      // Those that hung come back by themselves.
      if (how === 'SIGSTOP') (victim as UpstreamProcess).kill('SIGCONT');
      else if (name.startsWith('hangs')) await victim.behave({ mischief: null });
      else return;
      await expect
        .poll(async () => (await gateway.snapshot()).endpoints.find(({ url }) => url === victim.url)?.state)
        .toBe('in');
    });
});

test('every server gets up to its limit, and never more', { tags: 'matrix' }, async () => {
  const servers = await stubs(4);
  const gateway = await front(servers);
  expect(await wrongs(gateway.url, programs(600, 30), 64)).toEqual([]);
  expect((await countsOf(servers)).map(({ most }) => most)).toEqual([LIMIT, LIMIT, LIMIT, LIMIT]);
});

test('none of 10,000 requests is lost or run twice while servers come and go', {
  tags: 'matrix',
}, async () => {
  const servers = await stubs(6);
  const gateway = await front(servers);
  let turn = 0;
  const churn = setInterval(() => {
    turn += 1;
    // Another one is away at each turn, and now and then all but one.
    const there = servers.filter((_, at) => (turn % 7 === 0 ? at === turn % 6 : at !== turn % 6));
    gateway.listing.set(
      there.map(({ url }) => url),
      LIMIT,
    );
  }, 100);
  const agent = new Agent({ connections: 48 });
  const wrong: string[] = [];
  const queue = Array.from({ length: 10_000 }, (_, n) => `print("${n}")`).values();
  const worker = async () => {
    for (const code of queue) {
      const { statusCode, body } = await request(`${gateway.url}/run_code`, {
        ...{ dispatcher: agent, method: 'POST', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ code, language: 'python', compile_timeout: 10, run_timeout: 10 }),
      });
      const text = await body.text();
      if (statusCode !== 200 || text !== answerTo(code)) wrong.push(`${code}: ${statusCode} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 48 }, worker));
  clearInterval(churn);
  await agent.close();
  expect(wrong).toEqual([]);
  expect(turn).toBeGreaterThan(10);
  const counts = await countsOf(servers);
  const began = counts.flatMap((each) => Object.values(each.began));
  expect([began.length, Math.max(...began)]).toEqual([10_000, 1]);
  for (const { most } of counts) expect(most).toBeLessThanOrEqual(LIMIT);
});

test('verl gets its answers once an unreachable fleet is back', async () => {
  const servers = await stubs(2);
  const gateway = await front(servers);
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.every(({ state }) => state === 'in'))
    .toBe(true);
  for (const server of servers) await server.behave({ mischief: 'reset' });
  const asked = Array.from({ length: 6 }, (_, n) =>
    verlCase(gateway.url, { code: `print("${n}")`, expected: String(n) }, async () => undefined),
  );
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.every(({ state }) => state === 'out'))
    .toBe(true);
  for (const server of servers) await server.behave({ mischief: null });
  expect(await Promise.all(asked)).toEqual([true, true, true, true, true, true]);
});
