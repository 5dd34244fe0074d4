import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameOutput } from '../../src/api/same-output.js';
import type { Problem } from '../../src/bench/problem.js';
import { generate } from '../../src/bench/synthetic/generate.js';
import { parseSetName, SHAPES } from '../../src/bench/synthetic/shapes.js';
import { verdictOf } from '../../src/bench/verdict.js';
import { inParts } from '../support/parts.js';

const shape = fc.constantFrom('leetcode' as const, 'taco' as const, 'hello' as const);
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test('a set depends on its name and seed alone, and a smaller one is the beginning of a larger one', () => {
  fc.assert(
    fc.property(shape, seed, fc.integer({ min: 1, max: 60 }), (name, seed, count) => {
      const larger = generate({ shape: name, count: count + 7 }, seed);
      expect(generate({ shape: name, count }, seed)).toEqual(larger.slice(0, count));
    }),
    { numRuns: 20 },
  );
});

test('every hundred problems have the same mix: all kinds in both languages', () => {
  const sets = [1, 2].flatMap((seed) => {
    const all = generate({ shape: 'taco', count: 200 }, seed);
    return [all.slice(0, 100), all.slice(100)];
  });
  const counts = (problems: readonly Problem[]) =>
    problems.map(({ language, label, memoryLimitMB }) => `${language} ${label} ${memoryLimitMB}`).sort();
  for (const set of sets) expect(counts(set)).toEqual(counts(sets[0] ?? []));
  expect(SHAPES.taco.mix.reduce((sum, [count]) => sum + count, 0)).toBe(100);
  expect(SHAPES.leetcode.mix.reduce((sum, [count]) => sum + count, 0)).toBe(100);
  expect(new Set(counts(sets[0] ?? []))).toEqual(
    new Set(
      ['python', 'cpp'].flatMap((language) => [
        `${language} accepted null`,
        `${language} wrong answer null`,
        `${language} failed null`,
        `${language} timeout null`,
        `${language} failed 192`,
      ]),
    ),
  );
});

test('without a compiler the set has no problem in C++', () => {
  const problems = generate({ shape: 'leetcode', count: 100 }, 1, false);
  expect(problems.map(({ language }) => language)).toEqual(Array.from({ length: 95 }, () => 'python'));
});

for (const { rows, tags } of inParts(['leetcode', 'taco'] as const))
  test.each(rows)('the labels of %s are what Python and g++ say', { tags }, (shape) => {
    const folder = mkdtempSync(join(tmpdir(), 'synthetic-'));
    try {
      const problems = generate({ shape, count: 100 }, 3);
      // The others are bounded by the limits that a method sets.
      const ending = problems.filter(
        ({ label, memoryLimitMB }) => label !== 'timeout' && memoryLimitMB === null,
      );
      const inCpp = ending.filter(({ language }) => language === 'cpp');
      for (const problem of [...ending.slice(0, 5), ...inCpp]) {
        expect([problem.id, verdictBy(folder, problem)]).toEqual([problem.id, problem.label]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

function verdictBy(folder: string, { language, code, cases }: Problem): string | undefined {
  const file = join(folder, language === 'cpp' ? 'main.cpp' : 'main.py');
  const program = join(folder, 'main');
  writeFileSync(file, code);
  if (language === 'cpp') {
    const { status, stderr } = spawnSync('g++', ['-std=c++17', file, '-o', program], { encoding: 'utf8' });
    if (status !== 0) return `compile error: ${stderr}`;
  }
  const argv = language === 'cpp' ? [program] : ['python3', file];
  const attempts = cases.map(({ stdin, expected }) => {
    const { status, stdout } = spawnSync(argv[0] ?? '', argv.slice(1), {
      input: stdin ?? '',
      encoding: 'utf8',
    });
    if (status !== 0) return { verdict: 'failed' as const };
    return {
      verdict:
        expected === null || sameOutput(stdout, expected) ? ('accepted' as const) : ('wrong answer' as const),
    };
  });
  return verdictOf(attempts)?.verdict;
}

test.each([
  ['leetcode-2k', { shape: 'leetcode', count: 2000 }],
  ['taco-13k', { shape: 'taco', count: 13_000 }],
  ['hello-7', { shape: 'hello', count: 7 }],
  ['leetcode-0', undefined],
  ['leetcode', undefined],
  ['codeforces-10', undefined],
  ['taco-9999999k', undefined],
  ['constructor-1', undefined],
])('the name %s', (name, set) => {
  expect(parseSetName(name)).toEqual(set);
});
