import { expect, test } from 'vitest';
import { clientOf, dying, HELLO, server } from './clients.js';
import { type answering, finished, SANDBOX_ERROR } from './servers.js';

test('a batch keeps order and concurrency, uses all endpoints, and reports each failure by itself', async () => {
  let now = 0;
  let most = 0;
  const answer: Parameters<typeof answering>[0] = async (response, { code }) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
    if (code === 'bad') response.writeHead(422);
    response.end(finished(code));
  };
  const servers = [await server(answer), await server(answer)];
  const codes = Array.from({ length: 60 }, (_, at) => (at === 30 ? 'bad' : `${at}`));
  const seen: number[] = [];
  const settled = await clientOf(servers.map(({ url }) => url)).runBatch(
    codes.map((code) => ({ code, language: 'python' })),
    { concurrency: 8, onSettled: (index) => seen.push(index) },
  );
  expect(settled.map((one) => (one.ok ? `${one.value.stdout}` : 'bad'))).toEqual(codes);
  expect(seen.sort((a, b) => a - b)).toEqual(codes.map((_, at) => at));
  expect(most).toBeLessThanOrEqual(8);
  expect(most).toBeGreaterThan(4);
  for (const { requests } of servers) expect(requests.length).toBeGreaterThan(20);
});

test('many runs that back off under one signal cause no warning of Node', async () => {
  const warnings: string[] = [];
  const hear = ({ name }: Error) => warnings.push(name);
  process.on('warning', hear);
  const one = await dying((response) => void response.end(SANDBOX_ERROR));
  const requests = Array.from({ length: 16 }, () => HELLO);
  const { signal } = new AbortController();
  const settled = await clientOf(one.url).runBatch(requests, { concurrency: 16, retries: 4, signal });
  process.off('warning', hear);
  expect(settled.filter(({ ok }) => ok)).toEqual([]);
  expect(warnings).toEqual([]);
});

test('an aborted batch starts nothing new', async () => {
  const one = await server(() => undefined);
  const stop = new AbortController();
  const batch = clientOf(one.url).runBatch([HELLO, HELLO, HELLO, HELLO], {
    concurrency: 2,
    signal: stop.signal,
  });
  while (one.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort(new Error('enough'));
  await expect(batch).rejects.toThrow('enough');
  expect(one.requests).toHaveLength(2);
});

test('one health check serves many failures of one server', async () => {
  const one = await server((response) => void response.end(finished('', { return_code: 1 })));
  const settled = await clientOf(one.url).runBatch(Array(64).fill(HELLO), { concurrency: 64 });
  expect(settled.every(({ ok }) => ok)).toBe(true);
  expect(one.requests).toHaveLength(64);
  // All 64 come within a moment; what a busy machine spreads apart takes one more each.
  expect(one.checks).toBeLessThan(16);
});
