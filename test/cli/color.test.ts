import { describe, expect, it } from 'vitest';
import { wantsColor } from '../../src/cli/io.js';
import { inParts } from '../support/parts.js';
import { COLOR, ended, onTerminal, program, start } from './run.js';

describe('output is coloured by', () => {
  it.each([
    [{ isTTY: true }, true],
    [{ isTTY: false }, false],
    [{ isTTY: true, env: { TERM: 'dumb' } }, false],
    [{ isTTY: true, env: { NO_COLOR: '1' } }, false],
    [{ isTTY: true, env: { NO_COLOR: '' } }, true],
    [{ isTTY: false, env: { FORCE_COLOR: '1' } }, true],
    [{ isTTY: false, env: { FORCE_COLOR: '' } }, true],
    [{ isTTY: true, env: { FORCE_COLOR: '0' } }, false],
    [{ isTTY: false, env: { CLICOLOR_FORCE: '1' } }, true],
    [{ isTTY: false, env: { CLICOLOR_FORCE: '0' } }, false],
    [{ isTTY: true, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, false],
    [{ isTTY: true, noColor: true, env: { FORCE_COLOR: '1' } }, false],
  ])('%j -> %s', (facts, wanted) => {
    expect(wantsColor({ noColor: false, env: {}, ...facts })).toBe(wanted);
  });
});

describe.each([
  ['an error', program('end', 'refused')],
  ['the live view', program('fleet', '2', '20')],
])('%s', (_name, argv) => {
  const ways: [string, Record<string, string>, string[]][] = [
    ['--no-color', { FORCE_COLOR: '1' }, ['--no-color']],
    ['NO_COLOR=1', { NO_COLOR: '1' }, []],
    ['TERM=dumb', { TERM: 'dumb' }, []],
  ];
  for (const { rows, tags } of inParts(ways))
    it.each(rows)('has no colour on a terminal with %s', { tags }, async (_how, env, flags) => {
      const { stdout } = await onTerminal([...argv, ...flags], {}, { env });
      expect(stdout).not.toMatch(COLOR);
    });
});

it('help in a pipe has colour with FORCE_COLOR=1', async () => {
  const { stderr } = await ended(start(program('end', 'refused'), { env: { FORCE_COLOR: '1' } }));
  expect(stderr).toMatch(COLOR);
});
