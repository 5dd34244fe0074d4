import { goal, median } from '../table.js';
import type { Row } from './rows.js';
import type { Way } from './ways.js';

interface Round {
  rate: number;
  /** Milliseconds of each run. */
  times: number[];
  /** Milliseconds of CPU for a run. */
  main: number;
  launchers: number;
  rest: number;
}

export const HEAD = [
  ...['', 'at once', 'way', 'runs/s', 'of plain', 'goal', 'p50 ms', 'p99 ms'],
  ...['CPU: main', 'launchers', 'rest', 'plain by CPU'],
];

/** Each way takes its turn in every round, so that what else the machine does falls on all alike. */
export async function compare(row: Row, ways: readonly Way[], concurrency: number): Promise<string[][]> {
  const rounds = new Map(ways.map((way) => [way.name, [] as Round[]]));
  for (let index = 0; index <= row.rounds; index += 1) {
    for (const way of ways) {
      const round = await oneRound(way, Math.max(row.runs, concurrency), concurrency);
      // The first warms up.
      if (index > 0) rounds.get(way.name)?.push(round);
    }
  }
  const plain = rounds.get('plain') ?? [];
  return ways.map(({ name }) => {
    const own = rounds.get(name) ?? [];
    const beside = (of: (round: Round) => number) =>
      median(own.map((round, index) => of(round) / of(plain[index] as Round)));
    const ms = (of: (round: Round) => number) => median(own.map(of)).toFixed(2);
    const times = own.flatMap((round) => round.times).toSorted((a, b) => a - b);
    const share = beside(({ rate }) => rate);
    const least = row.least[name];
    return [
      ...[
        row.name,
        String(concurrency),
        name,
        median(own.map(({ rate }) => rate)).toFixed(1),
        share.toFixed(2),
      ],
      least === undefined ? '' : atLeast(share, least),
      ...[median(times), times[Math.floor(times.length * 0.99)] ?? Number.NaN].map((each) => each.toFixed(1)),
      ...[ms(({ main }) => main), ms(({ launchers }) => launchers), ms(({ rest }) => rest)],
      // What the rates would be if nothing else ran here, and all CPUs were busy.
      (1 / beside(({ main, launchers, rest }) => main + launchers + rest)).toFixed(2),
    ];
  });
}

function atLeast(share: number, least: number): string {
  return goal(-share, -least, (value) => (-value).toFixed(1)).replace('most', 'least');
}

async function oneRound(way: Way, runs: number, concurrency: number): Promise<Round> {
  const times: number[] = [];
  const [began, before] = [performance.now(), way.cpu()];
  let left = runs;
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
  const now = way.cpu();
  const each = (of: 'main' | 'launchers' | 'rest') => (now[of] - before[of]) / runs;
  return {
    rate: runs / seconds,
    times,
    main: each('main'),
    launchers: each('launchers'),
    rest: each('rest'),
  };
}
