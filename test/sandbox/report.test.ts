import { expect, test } from 'vitest';
import { outcomeOf, type RunArtifacts } from '../../src/sandbox/isolation/lite/outcome.js';
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

test('where there was no process for a program, the sandbox failed; a product that is no executable file exits with 127', () => {
  const empty = { bytes: Buffer.alloc(0), dropped: 0 };
  const run = { seconds: 0, cpu: undefined, stdout: empty, stderr: empty };
  const ended = (control: string) =>
    outcomeOf({
      ...{ failure: undefined, complaints: '', timedOut: undefined, excess: undefined, run },
      ...{ compile: undefined, fetched: undefined, control },
      program: { ...plain, run: ['./product'], fetch: [] } as unknown as RunArtifacts['program'],
    });
  expect(() => ended('R\nX\n')).toThrow('./product cannot be started');
  expect(ended('R\nX\nEHP\n').run?.code).toBe(127);
});

test('a report of the driver counts once, and only where it is possible', () => {
  expect(readReport('R\nEAA\nEAB\nX\n', plain)).toMatchObject({ run: 0, notStarted: false });
  expect(readReport('R\nEAA\nC 0\n', compiled).run).toBeUndefined();
  expect(readReport('EAA\n', plain).run).toBeUndefined();
});
