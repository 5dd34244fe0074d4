import { goal, median, ratio, table } from '../table.js';
import { type Front, gateway, haproxy, nginx, withFronts } from './fronts.js';
import { nodeServer } from './servers.js';
import { type Measured, wrk } from './wrk.js';

const AT_ONCE = 64;
const SECONDS = 3;
const ROUNDS = 5;
/** Of haproxy's rate in one process; the issue's. */
const LEAST = 0.33;
/** Added to a run of 20 ms, beside what haproxy adds; the issue's. */
const MOST_ADDED = 2;

interface Row {
  front: Front;
  rounds: Measured[];
}

/** Each front takes its turn in every round, so that what else the machine does falls on all alike. */
async function compare(fronts: readonly Front[]): Promise<Row[]> {
  const rows = fronts.map((front): Row => ({ front, rounds: [] }));
  for (const { front } of rows) await wrk(front, AT_ONCE, 1);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const row of rows) row.rounds.push(await wrk(row.front, AT_ONCE, SECONDS));
  }
  return rows;
}

const middle = ({ rounds }: Row, of: keyof Measured) => median(rounds.map((round) => round[of]));

const LIMIT = ['--endpoint-limit', String(AT_ONCE)];

/** Requests a second and CPU for each, where the server behind costs next to nothing. */
export function throughput(upstream: string): Promise<string> {
  const ways = [
    () => haproxy([upstream]),
    () => nginx([upstream]),
    async () => ({ ...(await nodeServer('bare.ts')), name: 'node:http alone' }),
    () => gateway([upstream], LIMIT),
    () => gateway([upstream], [...LIMIT, '--workers', '2']),
  ];
  return withFronts(ways, async (fronts) => {
    const rows = await compare(fronts);
    const [base] = rows;
    const cells = rows.map((row) => {
      const share = median(row.rounds.map(({ rate }, at) => rate / (base?.rounds[at]?.rate ?? Number.NaN)));
      const asked = row.front.name.startsWith('gateway') && !row.front.name.includes('--workers');
      return [
        row.front.name,
        middle(row, 'rate').toFixed(0),
        ratio(share),
        asked ? `at least ${LEAST}: ${share >= LEAST ? 'met' : 'MISSED'}` : '',
        middle(row, 'cpu').toFixed(3),
      ];
    });
    const head = ['front', 'requests/s', 'of haproxy', 'goal', 'CPU ms each'];
    return `A server that costs nothing, ${AT_ONCE} in flight\n${table([head, ...cells])}`;
  });
}

/** What a front adds to runs of 20 ms. */
export function added(direct: Front): Promise<string> {
  const { url } = direct;
  const ways = [() => haproxy([url]), () => nginx([url]), () => gateway([url], LIMIT)];
  return withFronts(ways, async (fronts) => {
    const [base, ...rows] = await compare([direct, ...fronts]);
    const [first] = rows;
    if (base === undefined || first === undefined) throw new Error('no front');
    const more = (row: Row, of: 'p50' | 'p99') => middle(row, of) - middle(base, of);
    const cells = rows.map((row) => {
      const ours = row.front.name.startsWith('gateway');
      return [
        row.front.name,
        ...(['p50', 'p99'] as const).flatMap((of) => {
          const most = Math.max(0, MOST_ADDED * more(first, of));
          return [
            `${more(row, of).toFixed(1)} ms`,
            ours ? goal(more(row, of), most, (v) => `${v.toFixed(1)} ms`) : '',
          ];
        }),
      ];
    });
    const head = ['front', 'added p50', 'goal', 'added p99', 'goal'];
    return `A server of 20 ms, ${AT_ONCE} in flight\n${table([head, ...cells])}`;
  });
}
