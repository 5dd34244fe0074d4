import { expect, it } from 'vitest';
import { COLOR, ended, onTerminal, program, start } from './run.js';

const end = (way: string, env = {}) => ended(start(program('end', way), { env }));

it('an error is three lines and the end of the log, without foreign colours', async () => {
  const { code, stdout, stderr } = await end('refused');
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toBe(
    [
      'error: instance 2 failed',
      '  srun: error: node1: task 0: Exited with exit code 1',
      '  second line',
      "hint: see 'sandboxctl logs 2'",
      '  | line one',
      '  | line two',
      '',
    ].join('\n'),
  );
});

it('an error with --json is one object', async () => {
  const { stderr } = await ended(start(program('end', 'refused', '--json')));
  expect(JSON.parse(stderr).error).toMatchObject({
    kind: 'refused',
    exit_code: 5,
    tail: ['line one', 'line two'],
  });
});

it.each([
  ['bug', 'SyntaxError: '],
  ['uncaught', 'RangeError: from a timer'],
  ['rejected', 'RangeError: from nowhere'],
])('%s: what is no error of ours is a bug, with the version and how to report it', async (way, words) => {
  const { code, stderr } = await end(way);
  expect(code).toBe(1);
  expect(stderr).toContain(words);
  expect(stderr).toMatch(/please report it/);
  expect(stderr).toMatch(/version: sandboxctl \d+\.\d+\.\d+, Node \d+/);
  expect(stderr).not.toMatch(/^ +at /m);
});

it('an error shows a stack only with SANDBOXCTL_DEBUG=1', async () => {
  expect((await end('refused')).stderr).not.toMatch(/^ +at /m);
  expect((await end('refused', { SANDBOXCTL_DEBUG: '1' })).stderr).toMatch(/^ +at /m);
});

it('an error has colour only on a terminal', async () => {
  expect((await end('refused')).stderr).not.toMatch(COLOR);
  expect((await onTerminal(program('end', 'refused'))).stdout).toMatch(COLOR);
});
