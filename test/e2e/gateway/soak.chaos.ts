import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { programs, wrongs } from '../../gateway/load.js';
import { forkUpstream } from '../../gateway/stubs/process.js';
import type { Behaviour } from '../../gateway/stubs/upstream.js';
import { gatewayCli } from './cli.js';

/** Five minutes, or so many: `SANDBOXCTL_SOAK_MINUTES=60 npm run test:chaos`. */
const MINUTES = Number(process.env.SANDBOXCTL_SOAK_MINUTES ?? 5);
const SERVERS = 4;
const LIMIT = 4;
/** Of the least that it held in the second minute; V8 lets memory grow between its collections. */
const MOST_GROWTH = 1.2;

const TROUBLES: readonly (Behaviour | NodeJS.Signals)[] = [
  { mischief: 'sandbox-error', every: 3 },
  'SIGSTOP',
  { mischief: 'half' },
  { mischief: 'nothing' },
  { mischief: 'silent' },
  { mischief: 'slow', slowMs: 1500 },
  { mischief: 'garbage', every: 2 },
  { mischief: 503 },
];

test('the gateway answers every request correctly during minutes of load on a failing fleet, in constant memory', async () => {
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => forkUpstream({ runMs: 5 })));
  onTestFinished(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  const gateway = await gatewayCli([
    ...['--listen', '127.0.0.1:0', '--endpoint-limit', String(LIMIT)],
    ...servers.flatMap(({ url }) => ['--endpoint', url]),
    ...['--canary-every', '1', '--canary-timeout', '2'],
  ]);
  const until = performance.now() + MINUTES * 60_000;
  const least: number[] = [];
  let over = false;

  const watch = async () => {
    while (!over) {
      const minute = Math.floor(MINUTES - (until - performance.now()) / 60_000);
      least[minute] = Math.min(least[minute] ?? Number.POSITIVE_INFINITY, resident(gateway.process.pid));
      await sleep(1_000);
    }
  };
  const trouble = async () => {
    for (let turn = 0; !over; turn += 1) {
      const server = servers[turn % SERVERS];
      const how = TROUBLES[turn % TROUBLES.length];
      if (server === undefined || how === undefined) continue;
      if (typeof how === 'string') server.kill(how);
      else await server.behave(how);
      await sleep(8_000);
      if (typeof how === 'string') server.kill('SIGCONT');
      await server.behave({ mischief: null });
      await sleep(1_000);
    }
  };
  const asides = [watch(), trouble()];
  const wrong: string[] = [];
  let sent = 0;
  while (performance.now() < until) {
    const codes = programs(500);
    wrong.push(...(await wrongs(gateway.url, codes, 24)));
    sent += codes.length;
  }
  over = true;
  await Promise.all(asides);

  expect(wrong).toEqual([]);
  const [, early = 0] = least;
  const growth = (least.at(-1) ?? 0) / early;
  console.log(
    `${sent} runs in ${MINUTES} minutes; least RSS by minute, MB: ${least.map((bytes) => Math.round(bytes / 2 ** 20))}`,
  );
  expect(growth).toBeLessThan(MOST_GROWTH);
  // What a stopped server had begun goes on beside what it gets once it is back.
  for (const server of servers) expect((await server.counts()).most).toBeLessThanOrEqual(2 * LIMIT);
  expect((await gateway.stop()).code).toBe(0);
});

function resident(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
}
