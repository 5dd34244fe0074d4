import { matchLines } from './match.js';
import type { FailureRule } from './rule.js';
import { SBATCH_RULES } from './rules/sbatch.js';

/** The last line gives the reason; earlier ones, of a plugin or the configuration, may name anything. */
export function refusalHint(words: string): string {
  return (
    refusalRule(words)?.hint ?? 'correct what sbatch names; the same deploy with --dry-run shows the script'
  );
}

export function refusalRule(words: string): FailureRule | undefined {
  for (const line of words.split('\n').reverse()) {
    const found = matchLines(SBATCH_RULES, 'sbatch', [line]);
    if (found !== undefined) return found.rule;
  }
  return undefined;
}
