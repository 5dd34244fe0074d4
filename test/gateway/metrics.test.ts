import { expect, onTestFinished, test } from 'vitest';
import { SANDBOX_ERROR } from '../client/servers.js';
import { gatewayFor } from './start.js';
import { ok, upstream } from './upstream.js';

/** The page as Prometheus reads it: every sample once. */
function read(page: string): Map<string, number> {
  const samples = page
    .split('\n')
    .filter((line) => line.startsWith('sandboxctl_gateway_'))
    .map((line) => /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? []);
  const read = new Map(
    samples.map(([, name = '', value]) => [name.replace('sandboxctl_gateway_', ''), Number(value)]),
  );
  expect(read.size).toBe(samples.length);
  return read;
}

test('the metrics page counts requests, attempts, failures by cause and durations for each server and outcome', async () => {
  const bad = await upstream(({ response, index }) =>
    index === 0 ? void response.end(SANDBOX_ERROR) : ok(response),
  );
  const good = await upstream();
  onTestFinished(async () => void (await Promise.all([bad.close(), good.close()])));
  const gateway = await gatewayFor([bad.url, good.url], { canaryEvery: 60 });
  await expect
    .poll(async () => (await gateway.snapshot()).endpoints.every(({ state }) => state === 'in'))
    .toBe(true);
  while (bad.runs === 0 || good.runs < 2) await (await gateway.run()).text();
  const samples = read(await (await fetch(`${gateway.url}/metrics`)).text());
  const answered = samples.get('requests_total{end="answer"}') ?? 0;
  expect(answered).toBe(bad.runs + good.runs - 1);
  expect(samples.get('request_seconds_count')).toBe(answered);
  expect(samples.get('request_seconds_bucket{le="+Inf"}')).toBe(answered);
  expect(samples.get('retries_total{cause="sandbox_error"}')).toBe(1);
  expect(samples.get(`try_failures_total{endpoint="${bad.url}",cause="sandbox_error"}`)).toBe(1);
  expect(samples.get(`try_seconds_count{endpoint="${bad.url}",outcome="infra"}`)).toBe(1);
  expect(samples.get(`try_seconds_count{endpoint="${good.url}",outcome="program"}`)).toBe(good.runs);
  expect(samples.get(`endpoint_limit{endpoint="${good.url}"}`)).toBe(16);
  expect(samples.get(`endpoint_in_rotation{endpoint="${bad.url}"}`)).toBe(1);
  expect(samples.get('queue_waiting')).toBe(0);
});
