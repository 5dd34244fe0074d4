import { warmMemory } from './serve/memory.js';
import { compare, HEAD } from './serve/rounds.js';
import { ROW_NAMES, rows } from './serve/rows.js';
import { type Way, wayOf } from './serve/ways.js';
import { table } from './table.js';

const CONCURRENCY = [1, 2, 8];

/**
 * Programs that `/run_code` of `serve` runs, beside a plain spawn of the same tools. `names`: of rows; none: all. Prints
 * each row when it is measured, since a row may take minutes.
 */
export async function serve(names: readonly string[]): Promise<string> {
  for (const row of rows()) {
    if (names.length > 0 && !names.includes(row.name)) continue;
    const ways: Way[] = [];
    try {
      for (const name of row.ways) ways.push(await wayOf(row, name));
      for (const concurrency of CONCURRENCY)
        console.log(`${table([HEAD, ...(await compare(row, ways, concurrency))])}\n`);
    } finally {
      for (const way of ways) await way.stop();
    }
  }
  return names.length === 0 || names.includes(WARM_MEMORY) ? warmMemory(rows()) : '';
}

const WARM_MEMORY = 'warm-memory';

/** `npm run bench -- serve [ROW...]`. */
export const SERVE_ROWS: readonly string[] = [...ROW_NAMES, WARM_MEMORY];
