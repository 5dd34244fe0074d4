import type { FailureRule } from './rule.js';
import { PENDING_RULES } from './rules/pending.js';

/** The rule for a pending job that can never start; `reason` is squeue's %r. Undefined if waiting may help. */
export function pendingRule(reason: string): FailureRule | undefined {
  // %r may carry more after a comma, and some versions of Slurm write it with blanks.
  const spellings = [firstWord(reason), reason.replaceAll(' ', '_')];
  return PENDING_RULES.find(({ pendingReason }) => pendingReason?.some((each) => spellings.includes(each)));
}

export function firstWord(reason: string): string {
  return reason.split(/[,\s(]/)[0] ?? '';
}
