import { expect } from 'vitest';
import { VERBS } from '../../../src/cli/verbs.js';
import { optionsFor } from '../../../src/config/flags.js';
import { SETTINGS } from '../../../src/config/settings.js';
import type { Result } from '../../cluster/execute.js';

/** An error as its user reads it. */
export interface Said {
  code: number | null;
  what: string;
  /** The tool's own words, which may be several lines. */
  words: string;
  hint: string;
  tail: string[];
}

const COMMANDS = new Set(VERBS.map(({ name }) => name.split(' ')[0]));
const FLAGS = new Set(
  VERBS.flatMap(({ name, options = [] }) => [
    ...optionsFor(name).flatMap(({ flags, negation = '' }) => [flags, negation]),
    ...options.map(([flags]) => flags),
  ]).flatMap((flags) => flags.match(/--[a-z-]+/g) ?? []),
);
const GLOBAL_FLAGS = ['--config', '--fleet', '--help'];
const KEYS = new Set<string>(SETTINGS.map(({ key }) => key));

/**
 * Reads the error of a command that failed: `error:`, the words, `hint:`, then the tails of logs, and
 * nothing on stdout. Its hint must name something that exists.
 */
export function errorOf({ code, stdout, stderr }: Result): Said {
  const lines = stderr.trimEnd().split('\n');
  const first = lines.findIndex((line) => line.startsWith('error: '));
  expect(first, `no error in:\n${stdout}${stderr}`).toBeGreaterThan(-1);
  const hintAt = lines.findIndex((line) => line.startsWith('hint: '));
  const said: Said = {
    code,
    what: lines[first]?.slice('error: '.length) ?? '',
    words: lines
      .slice(first + 1, hintAt)
      .map((line) => line.replace(/^ {2}/, ''))
      .join('\n'),
    hint: lines[hintAt]?.slice('hint: '.length) ?? '',
    tail: lines.slice(hintAt + 1).map((line) => line.replace(/^ {2}\| /, '')),
  };
  expect(code).not.toBe(1);
  expect(stdout).toBe('');
  checkHint(said.hint);
  return said;
}

/** Only commands, flags and config keys that there are, and at least one thing to act on. */
function checkHint(hint: string): void {
  const named = (pattern: RegExp) => [...hint.matchAll(pattern)].map(([, name = '']) => name);
  const commands = named(/sandboxctl ([a-z][a-z-]*)/g);
  const flags = named(/(?<![\w-])(--[a-z-]+)/g);
  const keys = named(/config key (\w+)/g);
  expect(commands.filter((name) => !COMMANDS.has(name))).toEqual([]);
  expect(flags.filter((flag) => !FLAGS.has(flag) && !GLOBAL_FLAGS.includes(flag))).toEqual([]);
  expect(keys.filter((key) => !KEYS.has(key))).toEqual([]);
  expect(hint).toMatch(/--[a-z]|'[a-z]+ |sandboxctl |SANDBOXCTL_|config key|docs\/|correct |choose |free /);
}
