import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLine } from '../../src/bench/dataset/read.js';
import type { Problem } from '../../src/bench/problem.js';

const DEFAULTS = { language: 'python', timeout: 10, memoryLimitMB: null } as const;
const read = (row: unknown) => readLine(JSON.stringify(row), 7, DEFAULTS);

function problemOf(row: unknown): Problem {
  const result = read(row);
  if ('mistakes' in result) throw new Error(result.mistakes.join('; '));
  return result.problem;
}

test('code with stdin and the expected output', () => {
  const row = { id: 'p', code: 'print(input())', stdin: 'a\n', expected_output: 'a\n', timeout: 2.5 };
  expect(problemOf(row)).toEqual({
    ...{ id: 'p', line: 7, language: 'python', code: 'print(input())', label: null },
    ...{ runTimeout: 2.5, memoryLimitMB: null, cases: [{ stdin: 'a\n', expected: 'a\n' }] },
  });
});

test.each([
  ['inputs and outputs', { inputs: ['1', ['2', '3']], outputs: ['a', 'b'] }],
  ['TACO', { input_output: JSON.stringify({ inputs: ['1', '2\n3'], outputs: ['a', 'b'] }) }],
  ['APPS', { input_output: { inputs: ['1', '2\n3'], outputs: ['a', 'b'] } }],
  [
    'Reasoning360',
    { reward_model: { ground_truth: JSON.stringify({ inputs: ['1', '2\n3'], outputs: ['a', 'b'] }) } },
  ],
  [
    'LiveCodeBench',
    {
      public_test_cases: JSON.stringify([
        { input: '1', output: 'a' },
        { input: '2\n3', output: 'b' },
      ]),
    },
  ],
  [
    'test_cases',
    {
      test_cases: [
        { stdin: '1', expected_output: 'a' },
        { stdin: '2\n3', stdout: 'b' },
      ],
    },
  ],
])('inputs and outputs as in %s', (_, tests) => {
  expect(problemOf({ code: 'x', ...tests }).cases).toEqual([
    { stdin: '1', expected: 'a' },
    { stdin: '2\n3', expected: 'b' },
  ]);
});

test.each([
  [
    'LeetCodeDataset',
    { prompt: 'import a', completion: 'B', test: 'def check(c): C', entry_point: 'S().f' },
    'import a\nB\ndef check(c): C\n\ncheck(S().f)\n',
  ],
  [
    'HumanEval',
    { prompt: 'def f():\n', canonical_solution: '  B\n', test: 'def check(c): C\n', entry_point: 'f' },
    'def f():\n  B\ndef check(c): C\n\n\ncheck(f)\n',
  ],
  [
    'MBPP',
    { code: 'B', test_list: ['assert 1', 'assert 2'], test_setup_code: 'S' },
    'B\nS\nassert 1\nassert 2\n',
  ],
  ['asserts in a text', { code: 'B', asserts: 'assert 1' }, 'B\nassert 1\n'],
  [
    'Reasoning360',
    {
      prompt: [{ role: 'user' }],
      extra_info: { reference: 'B', prefix: 'P' },
      reward_model: { ground_truth: '{"functional": "F"}' },
    },
    'P\nB\nF',
  ],
  ['TACO-verified', { solutions: ['B', 'other'], tests: 'assert 1' }, 'B\nassert 1'],
  ['TACO as text', { solutions: '["B"]', tests: ['assert 1'] }, 'B\nassert 1\n'],
])('assertions behind the code as in %s', (_, row, code) => {
  expect(problemOf(row)).toMatchObject({
    code,
    language: 'python',
    cases: [{ stdin: null, expected: null }],
  });
});

test('pytest is a language of its own', () => {
  expect(problemOf({ code: 'B', pytest: 'T' })).toMatchObject({ language: 'pytest', code: 'B\nT' });
});

test('limits as texts, names of languages as others write them', () => {
  const row = {
    code: 'x',
    language: 'C++',
    expected_output: '',
    time_limit: '2.0 seconds',
    memory_limit: '256.0 megabytes',
  };
  expect(problemOf(row)).toMatchObject({ language: 'cpp', runTimeout: 2, memoryLimitMB: 256, id: 'line 7' });
});

test.each([
  ['0.5 - 1.5 seconds', 1.5],
  ['500 ms', 0.5],
  ['1 min', 60],
  ['3', 3],
  ['None', 10],
  ['', 10],
])('a time limit of %j is %s s', (limit, seconds) => {
  expect(problemOf({ code: 'x', expected_output: '', time_limit: limit })).toMatchObject({
    runTimeout: seconds,
  });
});

test.each([
  ['1.5 GB', 1536],
  ['65536 kilobytes', 64],
  ['536870912 bytes', 512],
  ['256 MiB', 256],
  ['N/A', null],
])('a memory limit of %j is %s MB', (limit, megabytes) => {
  expect(problemOf({ code: 'x', expected_output: '', memory_limit: limit })).toMatchObject({
    memoryLimitMB: megabytes,
  });
});

test.each([
  [{ expected_output: '' }, 'no code: none of code'],
  [{ code: 'x' }, 'no tests: none of expected_output'],
  [{ code: 1, expected_output: '' }, 'code must be a string, not a number'],
  [{ solutions: [], expected_output: '' }, 'solutions is empty'],
  [{ solutions: 'x', expected_output: '' }, 'solutions must be a list, not a string'],
  [{ code: 'x', input_output: '{' }, 'input_output must be an object, or JSON of one, not a string'],
  [{ code: 'x', input_output: { inputs: ['1'], outputs: [] } }, 'input_output has 1 inputs and 0 outputs'],
  [
    { code: 'x', inputs: ['1', 2], outputs: ['1', '2'] },
    'inputs[1]: the input must be a string or a list of lines, not a number',
  ],
  [{ code: 'x', test_cases: [{ input: '1' }] }, 'test_cases[0]: the expected output must be a string'],
  [{ code: 'x', test_list: [3] }, 'test_list has a number where an assertion should be'],
  [
    { code: 'x', expected_output: '', timeout: 'soon' },
    'timeout must be a number of more than 0, not "soon"',
  ],
  [{ code: 'x', expected_output: '', language: 'cobol' }, "there is no language 'cobol'"],
  [{ code: 'x', language: 'cpp', pytest: 'y' }, 'pytest tests Python, and the language is cpp'],
  [{ code: 'x', expected_output: '', expected_verdict: 'fine' }, 'expected_verdict must be one of accepted'],
  [{ code: 'x', ground_truth: {} }, 'ground_truth has neither functional, pytest nor inputs and outputs'],
])('%j', (row, mistake) => {
  expect(read(row)).toEqual({ mistakes: [expect.stringContaining(mistake)] });
});

test('all mistakes of a line are told together', () => {
  expect(read({ code: 'x', stdin: 1, expected_output: '', timeout: -1 })).toEqual({
    mistakes: ['stdin must be a string, not a number', 'timeout must be a number of more than 0, not -1'],
  });
});

test('whatever a line holds, it is a problem or has a mistake', () => {
  const names = [
    'code',
    'solutions',
    'prompt',
    'completion',
    'test',
    'inputs',
    'outputs',
    'input_output',
    'test_cases',
  ];
  const more = [
    'test_list',
    'pytest',
    'reward_model',
    'extra_info',
    'stdin',
    'expected_output',
    'timeout',
    'language',
    'id',
  ];
  const row = fc.dictionary(fc.constantFrom(...names, ...more), fc.jsonValue(), { noNullPrototype: true });
  fc.assert(
    fc.property(fc.oneof(row, fc.jsonValue()), (value) => {
      const result = read(value);
      if ('mistakes' in result) expect(result.mistakes.length).toBeGreaterThan(0);
      else expect(result.problem.cases.length).toBeGreaterThan(0);
    }),
  );
});
