import type { Language } from '../api/languages.js';

/** One program and its tests. */
export interface Problem {
  id: string;
  /** Line of the data set; null for a synthetic problem. */
  line: number | null;
  language: Language;
  /** The whole program; assertions are part of it. */
  code: string;
  /** At least one. Each is one run of the program. */
  cases: readonly TestCase[];
  /** Seconds. */
  runTimeout: number;
  memoryLimitMB: number | null;
  /** The right verdict, if it is known. */
  label: Verdict | null;
}

export interface TestCase {
  stdin: string | null;
  /** Null: the exit code alone tells whether the program passed. */
  expected: string | null;
}

/** One run: a problem with one of its cases, by their indexes. */
export interface Run {
  problem: number;
  testCase: number;
}

export const VERDICTS = [
  'accepted',
  'wrong answer',
  'failed',
  'timeout',
  'compile error',
  'sandbox failure',
] as const;

/**
 * `failed`: an exception, a failed assertion, a signal or the memory limit. `sandbox failure`: nothing is known of the
 * program.
 */
export type Verdict = (typeof VERDICTS)[number];

/** What a data set of 100 problems makes of them: every run, in the order of the set. */
export function runsOf(problems: readonly Problem[]): Run[] {
  return problems.flatMap(({ cases }, problem) => cases.map((_, testCase) => ({ problem, testCase })));
}
