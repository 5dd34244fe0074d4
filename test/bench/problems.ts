import type { Problem } from '../../src/bench/problem.js';

export function problem({
  cases = 1,
  ...rest
}: { cases?: number } & Partial<Omit<Problem, 'cases'>> = {}): Problem {
  return {
    ...{
      id: 'p',
      line: null,
      language: 'python',
      code: '',
      runTimeout: 10,
      memoryLimitMB: null,
      label: null,
    },
    cases: Array.from({ length: cases }, () => ({ stdin: null, expected: null })),
    ...rest,
  };
}
