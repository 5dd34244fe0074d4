import { readFileSync } from 'node:fs';
import type { Told } from './clients.js';

/** What each client makes of correct programs, by the name of a row, as matrix.test.ts has recorded it. */
export type Outcomes = Readonly<Record<string, Readonly<Record<string, Told>>>>;

const SNAPSHOT = new URL('__snapshots__/matrix.test.ts.snap', import.meta.url);

/** `vitest run test/verdicts/matrix -u` writes the file. */
export function recordedOutcomes(): Outcomes {
  const rows = readFileSync(SNAPSHOT, 'utf8').matchAll(/^exports\[`(.*) 1`\] = `"(\{.*\})"`;$/gm);
  return Object.fromEntries(Array.from(rows, ([, name, json = '']) => [name, JSON.parse(json)]));
}
