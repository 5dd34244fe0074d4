import { fleet } from './fleet.js';
import { imports } from './imports.js';
import { serve } from './serve.js';
import { startup } from './startup.js';

/** `npm run bench [startup] [imports] [fleet] [serve]`: ratios and medians of one run; prints tables, keeps nothing. */
const parts: Record<string, () => Promise<string>> = { startup, imports, fleet, serve };

if (process.getuid?.() !== 0)
  throw new Error('npm run bench needs root: two of its parts bring up a cluster');
const wanted = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length === 0 || wanted.includes(name)) console.log(`${await part()}\n`);
}
