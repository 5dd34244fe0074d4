import { table } from '../table.js';
import { gateway } from './fronts.js';
import { sendAll } from './programs.js';
import { delayedServer } from './servers.js';

const SERVERS = 2;
const RUN_MS = 50;
const RUNS = 1_500;
const AT_ONCE = 24;
const LIMIT = ['--endpoint-limit', String(AT_ONCE / SERVERS)];

async function canariesOf(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return [...metrics.matchAll(/^\w*canaries_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** So many of a hundred programs fail, spread evenly. */
const programs = (percent: number) =>
  Array.from({ length: RUNS }, (_, at) =>
    (at * 37) % 100 < percent ? `exit(1) # ${at}` : `print("hello") # ${at}`,
  );

async function measure(urls: readonly string[], verify: string, percent: number) {
  const front = await gateway(urls, [...LIMIT, '--verify', verify]);
  try {
    await sendAll(front.url, programs(0).slice(0, 100), AT_ONCE);
    const before = await canariesOf(front.url);
    const { took, failingTimes } = await sendAll(front.url, programs(percent), AT_ONCE);
    const canaries = (await canariesOf(front.url)) - before;
    const sorted = failingTimes.toSorted((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
    return { rate: RUNS / took, canaries: canaries / took / SERVERS, p50: at(0.5), p99: at(0.99) };
  } finally {
    await front.stop();
  }
}

/** What it costs to verify failures: health checks of each server, and time added to runs that fail. */
export async function verification(): Promise<string> {
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => delayedServer(RUN_MS)));
  try {
    const urls = servers.map(({ url }) => url);
    const cells: string[][] = [];
    for (const percent of [0, 50, 100]) {
      const without = await measure(urls, 'none', percent);
      const verified = await measure(urls, 'failures', percent);
      const added = (of: 'p50' | 'p99') =>
        percent === 0 ? '' : `${(verified[of] - without[of]).toFixed(0)} ms`;
      cells.push([
        `${percent} %`,
        without.rate.toFixed(0),
        verified.rate.toFixed(0),
        verified.canaries.toFixed(1),
        added('p50'),
        added('p99'),
      ]);
    }
    const head = [
      'runs that fail',
      'runs/s, not verified',
      'runs/s',
      'health checks/s each',
      'added p50',
      'added p99',
    ];
    return `Failures are verified: ${SERVERS} servers, runs of ${RUN_MS} ms, ${AT_ONCE} at once\n${table([head, ...cells])}`;
  } finally {
    for (const each of servers) await each.stop();
  }
}
