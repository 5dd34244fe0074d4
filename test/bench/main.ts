import { fleet } from './fleet.js';
import { gateway } from './gateway.js';
import { imports } from './imports.js';
import { memory } from './memory.js';
import { SERVE_ROWS, serve } from './serve.js';
import { startup } from './startup.js';

/**
 * `npm run bench [startup] [imports] [fleet] [serve [ROW...]] [gateway] [memory [RUNS]]`: ratios and medians of one run;
 * prints tables, keeps nothing.
 */
const words = process.argv.slice(2);
const runs = words.map(Number).find((each) => each > 0);
const parts: Record<string, () => Promise<string>> = {
  ...{ startup, imports, fleet, gateway },
  serve: () => serve(words.filter((word) => SERVE_ROWS.includes(word))),
  memory: () => memory(runs),
};

if (process.getuid?.() !== 0)
  throw new Error('npm run bench needs root: two of its parts bring up a cluster');
const wanted = words.filter((word) => !(Number(word) > 0 || SERVE_ROWS.includes(word)));
const unknown = wanted.find((word) => !(word in parts));
if (unknown !== undefined) throw new Error(`no part of the bench: ${unknown}`);
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) console.log(`${await part()}\n`);
}
