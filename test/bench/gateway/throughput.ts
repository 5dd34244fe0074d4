import { goal, median, ratio, table } from '../table.js';
import { type Front, gateway, haproxy, nginx } from './fronts.js';
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

/** Requests a second and CPU for each, where the server behind costs next to nothing. */
export async function throughput(upstream: string): Promise<string> {
  const fronts = [
    await haproxy([upstream]),
    await nginx([upstream]),
    { ...(await nodeServer('bare.ts')), name: 'node:http alone' },
  ];
  const limit = ['--endpoint-limit', String(AT_ONCE)];
  fronts.push(await gateway([upstream], limit), await gateway([upstream], [...limit, '--workers', '2']));
  try {
    const rows = await compare(fronts);
    const [base] = rows;
    if (base === undefined) throw new Error('no front');
    const cells = rows.map((row) => {
      const share = median(row.rounds.map(({ rate }, at) => rate / (base.rounds[at]?.rate ?? Number.NaN)));
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
  } finally {
    for (const front of fronts) await front.stop();
  }
}

/** What a front adds to runs of 20 ms. */
export async function added(direct: Front): Promise<string> {
  const { url } = direct;
  const fronts = [await haproxy([url]), await nginx([url])];
  fronts.push(await gateway([url], ['--endpoint-limit', String(AT_ONCE)]));
  try {
    const [base, ...rows] = await compare([direct, ...fronts]);
    if (base === undefined) throw new Error('no front');
    const more = (row: Row, of: 'p50' | 'p99') => middle(row, of) - middle(base, of);
    const [first] = rows;
    const cells = rows.map((row) => {
      const cell = (of: 'p50' | 'p99') => `${more(row, of).toFixed(1)} ms`;
      const asked = (of: 'p50' | 'p99') =>
        goal(
          more(row, of),
          MOST_ADDED * (first === undefined ? 0 : more(first, of)),
          (v) => `${v.toFixed(1)} ms`,
        );
      const ours = row.front.name.startsWith('gateway');
      return [row.front.name, cell('p50'), ours ? asked('p50') : '', cell('p99'), ours ? asked('p99') : ''];
    });
    const head = ['front', 'added p50', 'goal', 'added p99', 'goal'];
    return `A server of 20 ms, ${AT_ONCE} in flight\n${table([head, ...cells])}`;
  } finally {
    for (const front of fronts) await front.stop();
  }
}
