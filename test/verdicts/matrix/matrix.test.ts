import { test } from 'vitest';
import { inParts } from '../../support/parts.js';
import { outcomeOf } from './cell.js';
import { CLIENTS, type Told } from './clients.js';
import { ROWS } from './rows.js';

/** These run in `npm test`. */
const FIRST = ['gateway: every program fails', 'gateway: it restarts', 'direct: every output is lost'];
const rows = ROWS.toSorted((a, b) => Number(FIRST.includes(b.name)) - Number(FIRST.includes(a.name)));

/** Runs so many at once: clients have real timeouts, which a process that is short of CPU time would miss. */
function atMost(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

const cellFree = atMost(16);
const burstFree = atMost(1);

// What was recorded is right by the rule (rule.test.ts), and stands in docs/verdicts.md.
for (const { rows: part, tags } of inParts(rows, FIRST.length))
  for (const { name, fault, setting } of part)
    test.concurrent(name, { tags }, async ({ expect }) => {
      const told: Record<string, Told> = {};
      const cells = CLIENTS.map(async (client) => {
        const isFree = fault.burst === undefined ? cellFree : burstFree;
        told[client.name] = await isFree(() => outcomeOf(client, fault, setting));
      });
      await Promise.all(cells);
      const inOrder = CLIENTS.map(({ name }) => [name, told[name]]);
      expect(JSON.stringify(Object.fromEntries(inOrder))).toMatchSnapshot();
    });
