import { expect, test } from 'vitest';
import { readReport } from '../../src/sandbox/isolation/lite/report.js';

const plain = { files: new Map() };
const compiled = { files: new Map(), compile: ['g++'] };

test.each([
  ['R\nEAA\n', 0],
  ['R\nEIC\n', 130],
  ['R\nSAC\n', -2],
  ['R\nEIN\n', 141],
  ['R\nSAN\n', -13],
  ['R\nEPP\n', 255],
])('%j: the waiter tells a signal from an exit code', (told, code) => {
  expect(readReport(told, plain)).toMatchObject({ ready: true, run: code, notStarted: false });
});

test('a program that cannot be started is distinguished from one that exits with 127', () => {
  expect(readReport('R\nX\nEHP\n', plain)).toMatchObject({ notStarted: true, run: 127 });
  expect(readReport('R\nEHP\n', plain)).toMatchObject({ notStarted: false, run: 127 });
});

test('a report of the driver counts once, and only where it is possible', () => {
  expect(readReport('R\nEAA\nEAB\nX\n', plain)).toMatchObject({ run: 0, notStarted: false });
  expect(readReport('R\nEAA\nC 0\n', compiled).run).toBeUndefined();
  expect(readReport('EAA\n', plain).run).toBeUndefined();
});
