import { expect, test } from 'vitest';
import type { Outcome } from '../../src/api/outcome.js';
import type { TestCase } from '../../src/bench/problem.js';
import { judgeRun, verdictOf } from '../../src/bench/verdict.js';

const ended = (
  rest: Partial<Omit<Outcome, 'stdout' | 'stderr'>> & { out?: string; err?: string } = {},
): Outcome => {
  const { out = '', err = '', ...others } = rest;
  return {
    ...{ stage: 'run' as const, code: 0, timedOut: false, killed: null, seconds: 1 },
    ...{ stdout: Buffer.from(out), stderr: Buffer.from(err), dropped: { stdout: 0, stderr: 0 } },
    ...others,
  };
};
const asserts = { stdin: null, expected: null };
const prints = { stdin: null, expected: '42\n' };
const judged = (outcome: Outcome, testCase: TestCase = prints, cpu: Parameters<typeof judgeRun>[2] = null) =>
  judgeRun(testCase, outcome, cpu, 1);

test.each([
  ['the expected output', prints, ended({ out: '42' }), 'accepted', ''],
  ['another output', prints, ended({ out: '41\n' }), 'wrong answer', 'printed "41\\n"'],
  ['assertions that hold', asserts, ended({ out: 'anything' }), 'accepted', ''],
  [
    'an assertion that fails',
    asserts,
    ended({ code: 1, err: 'Traceback\nAssertionError\n' }),
    'failed',
    'exit code 1: AssertionError',
  ],
  ['a signal', prints, ended({ code: -11 }), 'failed', 'signal 11'],
  [
    'its memory limit',
    prints,
    ended({ code: -9, killed: 'memory' }),
    'failed',
    'signal 9: over its memory limit',
  ],
  [
    'code that does not compile',
    prints,
    ended({ stage: 'compile', code: 1, err: 'error: x' }),
    'compile error',
    'error: x',
  ],
] as const)('%s', (_, testCase, outcome, verdict, detail) => {
  expect(judged(outcome, testCase)).toEqual({ verdict, detail, doubt: null });
});

test.each([
  ['nobody knows its CPU time', null, 'unproven'],
  ['it had its CPU', { used: 1, waited: 0.02 }, null],
  ['it slept', { used: 0.1, waited: 0.01 }, null],
  ['others had the CPUs', { used: 0.5, waited: 0.5 }, 'contended'],
  ['its limit was extended until it had its CPU', { used: 1, waited: 3 }, null],
] as const)('a timeout where %s', (_, cpu, doubt) => {
  expect(judged(ended({ code: null, timedOut: true }), prints, cpu)).toMatchObject({
    verdict: 'timeout',
    doubt,
  });
});

test('a problem is judged by its first case that was not accepted, and not at all where the sandbox failed one', () => {
  const of = (...verdicts: Parameters<typeof verdictOf>[0][number]['verdict'][]) =>
    verdictOf(verdicts.map((verdict) => ({ verdict })))?.verdict;
  expect(of('accepted', 'accepted')).toBe('accepted');
  expect(of('accepted', 'timeout', 'failed')).toBe('timeout');
  expect(of('wrong answer', 'sandbox failure')).toBe('sandbox failure');
  expect(of()).toBeUndefined();
});
