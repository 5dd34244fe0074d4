import { createHash } from 'node:crypto';
import type { Problem } from '../../bench/problem.js';
import type { DatasetFacts } from '../../bench/report/report.js';
import { generate } from '../../bench/synthetic/generate.js';
import { parseSetName } from '../../bench/synthetic/shapes.js';
import { type Options, usage } from './options.js';
import type { FoundTools } from './tools.js';

export interface Dataset {
  problems: Problem[];
  facts: Omit<DatasetFacts, 'problems' | 'runs'>;
}

/** Throws kind `usage` for what is neither a set nor a file. */
export function problemsOf({ dataset, seed }: Options, { gxx }: FoundTools): Dataset {
  const set = parseSetName(dataset);
  if (set === undefined) throw usage(`there is no synthetic set '${dataset}'`);
  const problems = generate(set, seed, gxx !== null);
  return {
    problems,
    facts: {
      name: dataset,
      source: 'synthetic',
      seed,
      sha256: createHash('sha256').update(JSON.stringify(problems)).digest('hex'),
      languages: countsOf(problems.map(({ language }) => language)),
      rejected: [],
    },
  };
}

function countsOf(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
