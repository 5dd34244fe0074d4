import { describe, expect, it } from 'vitest';
import { sandboxctl } from './run.js';

describe('an invalid command line exits with 2 and prints nothing on stdout', () => {
  it.each([
    ['ls', "error: unknown command 'ls' (Did you mean status?)\nhint: see 'sandboxctl --help'\n"],
    ['stpo', "error: unknown command 'stpo'\nhint: see 'sandboxctl --help'\n"],
    ['cofnig', "error: unknown command 'cofnig' (Did you mean config?)\nhint: see 'sandboxctl --help'\n"],
    [
      'help cofnig',
      "error: unknown command 'cofnig' (Did you mean config?)\nhint: see 'sandboxctl --help'\n",
    ],
    [
      'config shwo',
      "error: unknown command 'shwo' (Did you mean show?)\nhint: see 'sandboxctl config --help'\n",
    ],
    [
      'config show --orgin',
      "unknown option '--orgin' (Did you mean --origin?)\nhint: see 'sandboxctl config show --help'",
    ],
    ['config show more', "too many arguments for 'show'"],
    ['--fleet', "option '--fleet <name>' argument missing"],
    ['--frob', "unknown option '--frob'"],
  ])('%s', async (line, words) => {
    const { code, stdout, stderr } = await sandboxctl(line.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(words);
  });
});

it('an invalid command line with --json is one JSON object on stderr', async () => {
  const { code, stdout, stderr } = await sandboxctl(['config', 'show', '--json', '--frob']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({
    error: {
      kind: 'usage',
      exit_code: 2,
      what: "unknown option '--frob'",
      words: null,
      hint: "see 'sandboxctl config show --help'",
      tail: [],
    },
  });
});

describe('--version prints one line and needs nothing', () => {
  it.each([['--version'], ['-V'], ['--no-color --version']])('%s', async (line) => {
    const { code, stdout, stderr } = await sandboxctl(line.split(' '), { env: { HOME: '' }, cwd: '/' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

it('status shows the fleet of SANDBOXCTL_FLEET', async () => {
  const { code, stdout, stderr } = await sandboxctl(['status'], { env: { SANDBOXCTL_FLEET: 'No Name' } });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .*No Name/);
});

it('an empty --output-file is refused before anything runs', async () => {
  const { code, stderr } = await sandboxctl(['import-image', '-o', '']);
  expect(code).toBe(2);
  expect(stderr).toContain('error: --output-file names no file');
});
