import type { Problem, Run } from './problem.js';

/**
 * Runs of a round, for each that is done at once: enough that the end of a round, where some have nothing to do,
 * takes little of it.
 */
const RUNS_EACH = 32;
const LEAST_ROUNDS = 3;

/**
 * The runs in rounds of about the same length, whole problems in each. Every method does a round before the next
 * begins, so that whatever else the machine does falls on all alike.
 */
export function roundsOf(problems: readonly Problem[], concurrency: number): Run[][] {
  const total = problems.reduce((sum, { cases }) => sum + cases.length, 0);
  const wanted = Math.max(
    1,
    Math.min(problems.length, Math.max(LEAST_ROUNDS, Math.floor(total / (RUNS_EACH * concurrency)))),
  );
  const rounds: Run[][] = Array.from({ length: wanted }, () => []);
  let done = 0;
  for (const [problem, { cases }] of problems.entries()) {
    const round = Math.min(wanted - 1, Math.floor((done * wanted) / total));
    rounds[round]?.push(...cases.map((_, testCase) => ({ problem, testCase })));
    done += cases.length;
  }
  return rounds.filter((round) => round.length > 0);
}

/** The methods in the order of a round: each begins as often as any other. */
export function orderIn<M>(methods: readonly M[], round: number): M[] {
  const first = round % Math.max(1, methods.length);
  return [...methods.slice(first), ...methods.slice(0, first)];
}
