import type { Problem, Verdict } from './problem.js';
import type { RunResult, Segment } from './results.js';
import { verdictOf } from './verdict.js';

/** The verdict of one method on one problem, all of whose cases it has run. */
export interface ProblemAnswer {
  method: string;
  verdict: Verdict;
  detail: string;
  doubt: RunResult['doubt'];
}

export interface Disagreement {
  problem: string;
  line: number | null;
  answers: ProblemAnswer[];
  /** One of the answers is a timeout that may be the machine's doing. */
  doubtful: boolean;
}

export interface Agreement {
  /** Problems on which at least two methods have a verdict. */
  compared: number;
  disagreements: Disagreement[];
}

/** What each method says of each problem, in the order of the problems; the sandbox's failures are no verdicts. */
export function answersOf(
  problems: readonly Problem[],
  methods: readonly string[],
  segments: readonly Segment[],
): ProblemAnswer[][] {
  const byMethod = new Map(methods.map((method) => [method, new Map<number, RunResult[]>()]));
  for (const { method, results } of segments) {
    const own = byMethod.get(method);
    for (const result of results) own?.set(result.problem, [...(own.get(result.problem) ?? []), result]);
  }
  return problems.map((problem, index) =>
    methods.flatMap((method): ProblemAnswer[] => {
      const results = byMethod.get(method)?.get(index) ?? [];
      if (results.length < problem.cases.length) return [];
      const decisive = verdictOf(results.toSorted((a, b) => a.testCase - b.testCase));
      if (decisive === undefined) return [];
      const { verdict, detail, doubt } = decisive;
      return [{ method, verdict, detail, doubt }];
    }),
  );
}

export function agreementOf(problems: readonly Problem[], answers: readonly ProblemAnswer[][]): Agreement {
  let compared = 0;
  const disagreements: Disagreement[] = [];
  for (const [index, all] of answers.entries()) {
    const judged = all.filter(({ verdict }) => verdict !== 'sandbox failure');
    if (judged.length < 2) continue;
    compared += 1;
    if (new Set(judged.map(({ verdict }) => verdict)).size === 1) continue;
    const { id, line } = problems[index] as Problem;
    const doubtful = judged.some(({ doubt }) => doubt === 'contended');
    disagreements.push({ problem: id, line, answers: judged, doubtful });
  }
  return { compared, disagreements };
}
