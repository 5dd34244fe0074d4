import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { type ServedCli, serveCli } from '../e2e/serve/server.js';
import { cpuOf } from './cpu.js';
import { goal, median, table } from './table.js';

const CODE = 'print("hello")';
/** The system's Python alone: a version manager's, with many packages, starts so slowly that nothing else shows. */
const PYTHON = '/usr/bin/python3';
const SYSTEM_PATH = '/usr/bin:/bin';
const CONCURRENCY = [1, 2, 8];
/** Each way takes its turn in every round, so that what else the machine does falls on all alike. */
const ROUNDS = 9;
const RUNS = 40;
/** Of a plain spawn's rate; the issue's. */
const LEAST: Readonly<Record<string, number>> = { lite: 0.6, none: 0.9 };

interface Way {
  name: string;
  once(): Promise<void>;
  /** CPU seconds that it has used up to now, without this process. */
  cpu(): number;
}

/** Python hello: a plain spawn by this Node, and `/run_code` of `serve` with both isolations. */
export async function serve(): Promise<string> {
  const servers: ServedCli[] = [];
  const agent = new Agent({ keepAlive: true });
  const served = async (name: string): Promise<Way> => {
    const args = ['--isolation', name, '--max-concurrency', '8'];
    const server = await serveCli(args, { env: { PATH: SYSTEM_PATH } });
    servers.push(server);
    return { name, once: () => post(`${server.url}/run_code`, agent), cpu: () => cpuOf(server.process.pid) };
  };
  try {
    const ways = [{ name: 'plain', once: plain, cpu: () => 0 }, await served('lite'), await served('none')];
    const rows: string[][] = [];
    for (const concurrency of CONCURRENCY) rows.push(...(await compare(ways, concurrency)));
    const head = [
      'at once',
      'way',
      'runs/s',
      'of plain',
      'goal',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      'plain by CPU',
    ];
    return `Python hello by serve\n${table([head, ...rows])}`;
  } finally {
    agent.destroy();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

interface Round {
  rate: number;
  /** Milliseconds of each run. */
  times: number[];
  /** Milliseconds of CPU for a run, this client's with it. */
  cpu: number;
}

async function compare(ways: readonly Way[], concurrency: number): Promise<string[][]> {
  const rounds = new Map(ways.map((way) => [way.name, [] as Round[]]));
  for (let index = 0; index <= ROUNDS; index += 1) {
    for (const way of ways) {
      const round = await oneRound(way, concurrency);
      // The first warms up.
      if (index > 0) rounds.get(way.name)?.push(round);
    }
  }
  const plainRounds = rounds.get('plain') ?? [];
  return ways.map(({ name }) => {
    const own = rounds.get(name) ?? [];
    const share = median(own.map(({ rate }, index) => rate / (plainRounds[index]?.rate ?? Number.NaN)));
    const times = own.flatMap((round) => round.times).toSorted((a, b) => a - b);
    const least = LEAST[name];
    return [
      String(concurrency),
      name,
      median(own.map(({ rate }) => rate)).toFixed(1),
      share.toFixed(2),
      least === undefined
        ? ''
        : goal(-share, -least, (value) => (-value).toFixed(1)).replace('most', 'least'),
      median(times).toFixed(1),
      (times[Math.floor(times.length * 0.99)] ?? Number.NaN).toFixed(1),
      median(own.map(({ cpu }) => cpu)).toFixed(1),
      // What the rates would be if nothing else ran here, and all CPUs were busy.
      median(own.map(({ cpu }, index) => (plainRounds[index]?.cpu ?? Number.NaN) / cpu)).toFixed(2),
    ];
  });
}

async function oneRound(way: Way, concurrency: number): Promise<Round> {
  const times: number[] = [];
  const [began, cpu] = [performance.now(), way.cpu() + cpuOf(process.pid)];
  let left = RUNS;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const from = performance.now();
      await way.once();
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - began) / 1000;
  const used = way.cpu() + cpuOf(process.pid) - cpu;
  return { rate: RUNS / seconds, times, cpu: (used / RUNS) * 1000 };
}

function plain(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, ['-c', CODE], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.resume();
    child.on('close', () => (text === 'hello\n' ? resolve() : reject(new Error(`it printed ${text}`))));
  });
}

function post(url: string, agent: Agent): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => (text.includes('"hello\\n"') ? resolve() : reject(new Error(text))));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify({ code: CODE, language: 'python' }));
  });
}
