import type { Facts, FailureRule } from './rule.js';

export const LONGEST_WORDS = 500;

export interface RuleMatch {
  rule: FailureRule;
  line: string;
  groups: Facts;
}

/** The first rule that any line matches, and the first such line: a root cause precedes its consequences. */
export function matchLines(
  rules: readonly FailureRule[],
  evidence: 'jobLog' | 'sbatch' | 'importLog',
  lines: readonly string[],
): RuleMatch | undefined {
  for (const rule of rules) {
    for (const pattern of [rule[evidence] ?? []].flat()) {
      for (const line of lines) {
        const match = pattern.exec(line.slice(0, LONGEST_WORDS).trimEnd());
        if (match !== null) return { rule, line, groups: groupsOf(match) };
      }
    }
  }
  return undefined;
}

function groupsOf(match: RegExpExecArray): Facts {
  const numbered = match.slice(1).map((group, at) => [String(at + 1), group] as const);
  return { ...Object.fromEntries(numbered), ...match.groups };
}
