import { spawn, spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { serveCli } from '../sandbox/server.js';
import { ms, ratio, table } from './table.js';

const CODE = 'print("hello")';
const CONCURRENCY = [1, 2, 8];
/** Each way takes its turn in every round, so that what else the machine does falls on all alike. */
const ROUNDS = 7;
const RUNS = 40;

type Way = (index: number) => Promise<void>;

interface Measured {
  concurrency: number;
  way: string;
  /** Runs a second, the median of the rounds. */
  rate: number;
  /** Of the plain spawn's rate, the median of the rounds. */
  ratio: number;
  /** Milliseconds. */
  p50: number;
  /** Milliseconds. */
  p99: number;
}

export async function serve(): Promise<string> {
  const rows = (await benchServe()).map((row) => [
    `${row.way}, ${row.concurrency} at once`,
    `${row.rate.toFixed(1)}/s`,
    ratio(row.ratio),
    ms(row.p50),
    ms(row.p99),
  ]);
  return table([['Python hello', 'runs', 'of plain spawn', 'p50', 'p99'], ...rows]);
}

/** Python hello: a plain spawn by this Node, and `/run_code` of `serve` with both isolations. */
async function benchServe(): Promise<Measured[]> {
  // The program that the server runs, and not a version manager's script before it.
  const python = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  }).stdout.trim();
  const servers = await Promise.all(
    (['lite', 'none'] as const).map((isolation) =>
      serveCli(['--isolation', isolation, '--max-concurrency', '8']),
    ),
  );
  const agent = new Agent({ keepAlive: true });
  const [lite, none] = servers.map(
    ({ url }): Way =>
      () =>
        post(`${url}/run_code`, agent),
  );
  if (lite === undefined || none === undefined) throw new Error('no servers');
  const ways: Record<string, Way> = { plain: () => plain(python), lite, none };
  try {
    const measured: Measured[] = [];
    for (const concurrency of CONCURRENCY) measured.push(...(await compare(ways, concurrency)));
    return measured;
  } finally {
    agent.destroy();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function compare(ways: Readonly<Record<string, Way>>, concurrency: number): Promise<Measured[]> {
  const rates = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  const times = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const began = performance.now();
      const took = await many(way, concurrency);
      // The first round warms up.
      if (round === 0) continue;
      rates.get(name)?.push(RUNS / ((performance.now() - began) / 1000));
      times.get(name)?.push(...took);
    }
  }
  const base = rates.get('plain') ?? [];
  return Object.keys(ways).map((name) => {
    const own = rates.get(name) ?? [];
    return {
      concurrency,
      way: name,
      rate: quantile(own, 0.5),
      ratio: quantile(
        own.map((rate, round) => rate / (base[round] ?? Number.NaN)),
        0.5,
      ),
      p50: quantile(times.get(name) ?? [], 0.5),
      p99: quantile(times.get(name) ?? [], 0.99),
    };
  });
}

async function many(way: Way, concurrency: number): Promise<number[]> {
  const took: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < RUNS) {
      next += 1;
      const began = performance.now();
      await way(next);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return took;
}

function plain(python: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-c', CODE], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.resume();
    child.on('close', () => (text === 'hello\n' ? resolve() : reject(new Error(`it printed ${text}`))));
  });
}

function post(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => (text.includes('"hello\\n"') ? resolve() : reject(new Error(text))));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ code: CODE, language: 'python' }));
  });
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
