import { expect, test } from 'vitest';
import { sameOutput } from '../../../src/api/same-output.js';
import { extractCode } from '../../../src/sandbox/submit/extract-code.js';

test.each([
  ['```python\nprint(1)\n```', 'python', 'print(1)'],
  ['text\n```js\nlet a\n```\n```py\nb\n```', 'python', 'b'],
  ['```cpp\nint a;\n```', 'python', 'int a;'],
  ['```JS\nlet a\n```', 'nodejs', 'let a'],
  ['```python\nprint(1)', 'python', 'print(1)'],
  ['Like this:\nimport os\ndef f(x):\n    return x\nDone.', 'python', 'import os\ndef f(x):\n    return x\n'],
  ['echo a\n\necho b', 'bash', 'echo a\necho b\n'],
  ['no code', 'cpp', ''],
])('%j: the program in %s', (completion, language, code) => {
  expect(extractCode(completion, language)).toBe(code);
});

test.each([
  ['8\n', '8', true],
  ['YES', 'yes', true],
  ['a \n b', 'a\nb', true],
  ['1.000001', '1', true],
  ['1.1', '1', false],
  ['1e-16', '0', true],
  ['1e-12', '0', false],
  ['nan', 'nan', true],
  ['nan', '1', false],
  ['a\nb', 'a', false],
  ['', '', true],
])('%j for %j: %s', (output, expected, same) => {
  expect(sameOutput(output, expected)).toBe(same);
});
