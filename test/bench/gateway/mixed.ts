import { asServer, guideExec } from '../../gateway/clients/guide.js';
import { table } from '../table.js';
import { type Front, gateway, haproxy, nginx } from './fronts.js';
import { mixedPrograms, program, sendAll } from './programs.js';

/** CPUs of each server. */
export const CPUS = 4;
const RUNS = 300;
const AT_ONCE = 64;
const CAP = ['--endpoint-limit', String(CPUS)];

/** Runs of mixed length on servers that begin all they get: what counting and a cap are worth. */
export async function mixed(servers: readonly string[]): Promise<string> {
  const ways: (() => Promise<Front>)[] = [
    () => nginx(servers),
    () => haproxy(servers),
    () => haproxy(servers, CPUS),
    () => gateway(servers, CAP),
  ];
  const programs = mixedPrograms(RUNS);
  const cells: string[][] = [];
  for (const way of ways) {
    const front = await way();
    try {
      const { took, times, timedOut, failed } = await sendAll(front.url, programs, AT_ONCE);
      const sorted = times.toSorted((a, b) => a - b);
      const at = (part: number) => `${((sorted[Math.floor(sorted.length * part)] ?? 0) / 1000).toFixed(2)} s`;
      cells.push([front.name, `${took.toFixed(1)} s`, at(0.5), at(0.99), String(timedOut), String(failed)]);
    } finally {
      await front.stop();
    }
  }
  const head = ['front', 'all took', 'p50', 'p99', 'ended for their time', 'failed'];
  return `${RUNS} runs of 10 ms to 5 s, ${AT_ONCE} at once, ${servers.length} servers of ${CPUS} CPUs\n${table([head, ...cells])}`;
}

const GUIDE_RUNS = 200;
const GUIDE_AT_ONCE = 32;
const GUIDE_MS = 200;

/** Reasoning360's client, which gives its first host everything. */
export async function guide(servers: readonly string[]): Promise<string> {
  const front = await gateway(servers, CAP);
  try {
    const without = await guideTook(servers);
    const through = await guideTook([front.url]);
    const row = (name: string, seconds: number) => [
      ...[name, `${seconds.toFixed(1)} s`, `${(seconds / without).toFixed(2)} x`],
    ];
    const head = [`${GUIDE_RUNS} runs of ${GUIDE_MS} ms, ${GUIDE_AT_ONCE} at once`, 'all took', ''];
    return `Reasoning360's client and ${servers.length} servers of ${CPUS} CPUs\n${table([
      head,
      row('the list of servers', without),
      row('the gateway', through),
    ])}`;
  } finally {
    await front.stop();
  }
}

async function guideTook(urls: readonly string[]): Promise<number> {
  const queue = Array.from({ length: GUIDE_RUNS }, () => program(GUIDE_MS)).values();
  const began = performance.now();
  const worker = async () => {
    for (const code of queue) {
      const [good, words] = await guideExec(urls.map(asServer), code);
      if (!good) throw new Error(words);
    }
  };
  await Promise.all(Array.from({ length: GUIDE_AT_ONCE }, worker));
  return (performance.now() - began) / 1000;
}
