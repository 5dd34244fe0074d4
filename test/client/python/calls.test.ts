import { expect, test } from 'vitest';
import { verlCase } from '../../gateway/clients/verl.js';
import { servedModule } from './served-module.js';

const served = servedModule();

const ADD = 'def add(a, b):\n    return a + b';
const METHOD =
  'class Solution:\n    def twice(self, items: List[int]) -> List[int]:\n        return [2 * n for n in items]';

/** A program, the name of its function, its arguments as JSON by line, and the value as verl prints it. */
const CALLS: readonly [what: string, code: string, name: string, input: string, output: string][] = [
  ['a number', ADD, 'add', '1\n2', '3'],
  ['a text', ADD, 'add', '"a"\n"b"', 'ab'],
  ['a list of a method, without imports', METHOD, 'twice', '[1, 2]', '[2, 4]'],
  ['a tuple', 'def pair(a):\n    return a, a', 'pair', '1', '[1, 1]'],
  ['None', 'def none():\n    pass', 'none', '', 'null'],
  ['a truth value', 'def yes(a):\n    return a > 0', 'yes', '1', 'true'],
  ['an object', 'def count(s):\n    return dict(Counter(s))', 'count', '"aab"', '{"a": 2, "b": 1}'],
];

test.each(CALLS)(
  'a call whose value is %s is right for verl and for judge',
  async (_, code, name, input, output) => {
    const asked = { code, fnName: name, stdin: input, expected: output };
    expect(await verlCase(served.server.url, asked, async () => undefined)).toBe(true);
    expect(
      await verlCase(served.server.url, { ...asked, expected: `${output}1` }, async () => undefined),
    ).toBe(false);
    const tests = JSON.stringify({ fn_name: name, inputs: [input], outputs: [output] });
    const wrong = JSON.stringify({ fn_name: name, inputs: [input], outputs: [`${output}1`] });
    const script = `show([judge(${JSON.stringify(code)}, each).verdict for each in json.loads(${JSON.stringify(JSON.stringify([tests, wrong]))})])`;
    expect(await served.module.python(script)).toEqual(['passed', 'failed']);
  },
);

test('arguments and values may be given as such, as data sets of APPS and prime have them', async () => {
  const script = `
def verdict(code, **tests):
    v = judge(code, tests)
    return [v.verdict, v.test]
add = ${JSON.stringify(ADD)}
show([
    verdict(add, fn_name='add', inputs=[[1, 2], [[1], [2]]], outputs=[[3], [[1, 2]]]),
    verdict(add, fn_name='add', inputs=[[1, 2], [2, 2]], outputs=[3, 5]),
    verdict('def yes(): return True', fn_name='yes', inputs=[[]], outputs=[1]),
    verdict(add, fn_name='sub', inputs=[[1, 2]], outputs=[3]),
    verdict('def add(a, b:', fn_name='add', inputs=[[1, 2]], outputs=[3]),
    verdict('import os; os._exit(0)', fn_name='add', inputs=[[1, 2]], outputs=[3]),
    verdict('print(1)\\n' + add + '\\nprint(2)', fn_name='add', inputs=[[1, 2]], outputs=[3]),
    verdict('from __future__ import annotations\\n' + add, fn_name='add', inputs=[[1, 2]], outputs=[3]),
    verdict(add, fn_name='add', inputs=['1\\n{'], outputs=['3']),
])`;
  expect(await served.module.python(script)).toEqual([
    ...[
      ['passed', null],
      ['failed', 1],
      ['failed', 0],
      ['failed', 0],
      ['compile_error', 0],
      ['failed', 0],
    ],
    ...[
      ['passed', null],
      ['passed', null],
      ['invalid', null],
    ],
  ]);
});

test('a call whose sandbox failed is masked, for verl it is -1', async () => {
  const gone = 'http://127.0.0.1:9';
  const tests = "{'fn_name': 'add', 'inputs': ['1\\n2'], 'outputs': ['3']}";
  const script = `use(${JSON.stringify(gone)}); v = judge(${JSON.stringify(ADD)}, ${tests}, patience=0, timeout=1, compile_timeout=0); show(told(v))`;
  expect(await served.module.python(script)).toEqual(['infra', 0, true, null]);
  const asked = { code: ADD, fnName: 'add', stdin: '1\n2', expected: '3' };
  expect(await verlCase(gone, asked, async () => undefined)).toBe(-1);
});
