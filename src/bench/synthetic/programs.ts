import type { Solved } from './inputs.js';
import type { Input, Task } from './tasks.js';

export interface Solution {
  task: Task;
  /** Lines before the task's own. */
  before: readonly string[];
  /** Whether its result is another number, by more than any comparison forgives. */
  isWrong: boolean;
}

/** What LeetCode's solutions may use without an import, and so what a test of one imports. */
const IMPORTS = [
  'import bisect, collections, datetime, functools, heapq, itertools, math, operator, random, re, string',
  'from collections import *',
  'from typing import *',
];

const CPP_HEADERS = ['algorithm', 'cassert', 'chrono', 'cstdio', 'cstdlib', 'stdexcept', 'vector'];

/** A class, and a function that asserts what it returns: as LeetCodeDataset's problems. */
export function pythonAsserts(solution: Solution, inputs: readonly Solved[]): string {
  const { name } = solution.task;
  return lines([
    ...IMPORTS,
    '',
    'class Solution:',
    `    def ${name}(self, a: List[int], k: int) -> int:`,
    ...indent(pythonBody(solution), 8),
    '',
    'def check(candidate):',
    ...inputs.map(
      ({ input, expected }) => `    assert candidate(a = [${input.numbers}], k = ${input.k}) == ${expected}`,
    ),
    '',
    `check(Solution().${name})`,
  ]);
}

/** A program that reads its input and prints the result: as TACO's problems. */
export function pythonStdio(solution: Solution): string {
  return lines([
    'import bisect',
    'import sys',
    '',
    'def solve(a, k):',
    ...indent(pythonBody(solution), 4),
    '',
    'n, k = map(int, sys.stdin.readline().split())',
    'a = list(map(int, sys.stdin.readline().split()))[:n]',
    'print(solve(a, k))',
  ]);
}

export function cppAsserts(solution: Solution, inputs: readonly Solved[]): string {
  const calls = inputs.map(
    ({ input, expected }) => `  assert(solve({${input.numbers}}, ${input.k}) == ${expected});`,
  );
  return lines([...cppFunction(solution), 'int main() {', ...calls, '}']);
}

export function cppStdio(solution: Solution): string {
  return lines([
    ...cppFunction(solution),
    'int main() {',
    '  long long n, k;',
    '  if (std::scanf("%lld %lld", &n, &k) != 2) return 1;',
    '  std::vector<long long> a(n);',
    '  for (auto &value : a) if (std::scanf("%lld", &value) != 1) return 1;',
    '  std::printf("%lld\\n", solve(a, k));',
    '}',
  ]);
}

export function stdinOf({ numbers, k }: Input): string {
  return `${numbers.length} ${k}\n${numbers.join(' ')}\n`;
}

function pythonBody({ task, before, isWrong }: Solution): string[] {
  const own = isWrong
    ? task.python.map((line) => line.replace(/^return (.*)$/, 'return ($1) * 2 + 1'))
    : task.python;
  return [...before, ...own];
}

function cppFunction({ task, before, isWrong }: Solution): string[] {
  const own = isWrong
    ? task.cpp.map((line) => line.replace(/^return (.*);$/, 'return ($1) * 2 + 1;'))
    : task.cpp;
  return [
    ...CPP_HEADERS.map((header) => `#include <${header}>`),
    'long long solve(std::vector<long long> a, long long k) {',
    ...indent([...before, ...own], 2),
    '}',
  ];
}

const indent = (text: readonly string[], blanks: number) => text.map((line) => ' '.repeat(blanks) + line);
const lines = (text: readonly string[]) => `${text.join('\n')}\n`;
