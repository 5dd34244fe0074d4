import { expect, test } from 'vitest';
import { readReport } from '../../../src/sandbox/isolation/lite/report.js';

const files = new Map([['/tmp/a', Buffer.alloc(0)]]);
const plain = { files: new Map<string, Buffer>() };
const compiled = { ...plain, compile: ['cc'] };

test.each([
  ['an end', 'R\nE 3\n', plain, { run: 3 }],
  ['a signal, of which the shell complains', 'R\nKilled\nE 137\n', plain, { run: -9 }],
  ['a code that looks like a signal', 'R\nE 137\n', plain, { run: 137 }],
  ['both stages', 'R\nC 0\nE 3\n', compiled, { compile: 0, run: 3 }],
  ['a compiler that fails', 'R\nC 1\n', compiled, { compile: 1 }],
  ['files that cannot be written', 'R\ntar: x\nF\n', { files }, { filesRefused: true }],
  ['files, and an end', 'R\nE 0\n', { files }, { run: 0 }],
])('%s', (_name, text, program, expected) => {
  expect(readReport(text, program)).toMatchObject({ ready: true, filesRefused: false, ...expected });
});

test.each([
  ['a second end', 'R\nE 3\nE 0\n', plain, { run: 3 }],
  ['files that nobody sent', 'R\nF\nE 3\n', plain, { run: 3, filesRefused: false }],
  ['files after the program', 'R\nE 3\nF\n', { files }, { run: 3, filesRefused: false }],
  [
    'files after the compiler',
    'R\nC 0\nF\nE 3\n',
    { ...compiled, files },
    { compile: 0, run: 3, filesRefused: false },
  ],
  ['a compiler that there is not', 'R\nC 1\nE 3\n', plain, { run: 3 }],
  ['a second compiler', 'R\nC 0\nC 1\nE 3\n', compiled, { compile: 0, run: 3 }],
  ['an end before the compiler', 'R\nE 0\nC 1\n', compiled, { compile: 1 }],
  ['an end of a program that was never compiled', 'R\nC 1\nE 0\n', compiled, { compile: 1 }],
  ['an end before the beginning', 'E 0\nR\nE 3\n', plain, { run: 3 }],
  ['half a line', 'R\nE 3\nE 0', plain, { run: 3 }],
])('what cannot be true is passed over: %s', (_name, text, program, expected) => {
  const report = readReport(text, program);
  expect(report).toMatchObject(expected);
  if (!('compile' in expected)) expect(report).not.toHaveProperty('compile');
  if (!('run' in expected)) expect(report).not.toHaveProperty('run');
});
