import { expect, onTestFinished, test } from 'vitest';
import { CLIENT_TIMEOUT_HEADER } from '../../src/api/client-timeout.js';
import type { Deadline, Deadlines } from '../../src/gateway/deadlines.js';
import { Hedge, type HedgeOptions } from '../../src/gateway/forwarding/hedge.js';
import { Pace } from '../../src/gateway/health/pace.js';
import { finished } from '../client/servers.js';
import { gatewayFor } from './start.js';
import { ok, type Upstream, upstream } from './upstream.js';

/** When a second try begins for a request that comes at 0; null for never. */
function beginOf(
  request: { longestMs: number; answerBy: number; expectedMs?: number },
  { lastAnswerAt = -1, freeAt = 0 } = {},
): number | null {
  let now = 0;
  const pending = new Set<Deadline>();
  const deadlines = {
    add: (deadline: Deadline) => void pending.add(deadline),
    delete: (deadline: Deadline) => void pending.delete(deadline),
  } as unknown as Deadlines;
  let begin: number | null = null;
  const options: HedgeOptions = {
    ...{ deadlines, now: () => now, ...request },
    expectedMs: () => request.expectedMs ?? 100,
    lastAnswerAt: () => lastAnswerAt,
    start: () => {
      if (now < freeAt) return false;
      begin = now;
      return true;
    },
  };
  new Hedge(options);
  while (pending.size > 0) {
    const [next] = pending as unknown as [Hedge];
    now = next.at;
    pending.delete(next);
    next.expire();
  }
  return begin;
}

test.each<[string, Parameters<typeof beginOf>, number | null]>([
  ['half the time of a short client', [{ longestMs: 3000, answerBy: 4750 }], 2375],
  [
    'later if the server answers other runs',
    [{ longestMs: 3000, answerBy: 4750 }, { lastAnswerAt: 1 }],
    3500,
  ],
  ['when it is overdue, for a patient client', [{ longestMs: 10_000, answerBy: 29_750 }], 10_500],
  ['when a slot is free', [{ longestMs: 3000, answerBy: 4750 }, { freeAt: 3000 }], 3175],
  ['never if none is free in time', [{ longestMs: 3000, answerBy: 4750 }, { freeAt: 4700 }], null],
  [
    'never if no answer can come in time',
    [{ longestMs: 3000, answerBy: 4750, expectedMs: 3000 }, { lastAnswerAt: 1 }],
    null,
  ],
])('a second try begins %s', (_name, [request, server], at) => {
  expect(beginOf(request, server)).toBe(at);
});

async function server(...words: Parameters<typeof upstream>): Promise<Upstream> {
  const made = await upstream(...words);
  onTestFinished(() => made.close());
  return made;
}

const BODY = { code: 'print("hello")', language: 'python', run_timeout: 1 };
const SHORT = { 'content-type': 'application/json', [CLIENT_TIMEOUT_HEADER]: '30' };

test('if a server takes runs and never answers, each caller gets its answer from another one, within two tries', async () => {
  const wedged = await server(() => undefined);
  const good = await server();
  const gateway = await gatewayFor([wedged.url, good.url]);
  const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.run(BODY, { headers: SHORT })));
  for (const answer of answers) {
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ run_result: { stdout: 'hello\n' } });
  }
  expect(wedged.runs).toBeGreaterThan(0);
  expect(wedged.runs + good.runs).toBeLessThanOrEqual(16);
});

test('the answer of a slow first server still counts, and no request runs a third time', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = await server(async ({ response }) => {
    await held;
    ok(response, 'slow\n');
  });
  const dead = await server(() => release());
  const gateway = await gatewayFor([slow.url, dead.url]);
  const answers = [await gateway.run(BODY, { headers: SHORT }), await gateway.run(BODY, { headers: SHORT })];
  for (const answer of answers)
    expect(await answer.json()).toMatchObject({ run_result: { stdout: 'slow\n' } });
  expect(slow.runs + dead.runs).toBeLessThanOrEqual(4);
});

test('a timeout on a server that is short of CPU time is retried once on another server', async () => {
  const timedOut = finished('', { status: 'TimeLimitExceeded', return_code: null });
  let checks = 0;
  const crowded = await server(
    ({ response }) => void response.end(timedOut),
    (response, printed) => {
      checks += 1;
      // The first check is quick.
      if (checks <= 1) ok(response, printed);
      else setTimeout(() => ok(response, printed), 700);
    },
  );
  const good = await server();
  const gateway = await gatewayFor([crowded.url, good.url], { canaryTimeout: 5 });
  const answers = await Promise.all(Array.from({ length: 4 }, () => gateway.run(BODY, { headers: SHORT })));
  for (const answer of answers) {
    expect(await answer.json()).toMatchObject({ status: 'Success', run_result: { stdout: 'hello\n' } });
  }
  expect(crowded.runs).toBeGreaterThan(0);
});

test('a server is short of CPU time if its health checks take several times as long as they did', () => {
  const pace = new Pace();
  const told = [80, 100, 450, 2000, 90].map((ms) => {
    pace.add(ms);
    return pace.isSlow;
  });
  expect(told).toEqual([false, false, false, true, false]);
});

test('a server that fails every program at once gets no more of them than one that runs them', async () => {
  const failing = await server(({ response }) => void response.end(finished('', { return_code: 1 })));
  const good = await server(({ response }) => void setTimeout(() => ok(response), 100));
  const gateway = await gatewayFor([failing.url, good.url], { limit: 8 });
  // Both have run something, and it is known how long a run takes.
  await Promise.all(Array.from({ length: 16 }, () => gateway.run(BODY, { headers: SHORT })));
  const before = [failing.runs, good.runs] as const;
  const caller = async () => {
    for (let run = 0; run < 12; run += 1) await gateway.run(BODY, { headers: SHORT });
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  expect(failing.runs - before[0]).toBeLessThanOrEqual(1.5 * (good.runs - before[1]));
});
