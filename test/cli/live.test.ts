import { describe, expect, it } from 'vitest';
import { inParts } from '../support/parts.js';
import { ESCAPE, ended, onTerminal, program, start, type Terminal } from './run.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

it('the live view redraws in place and leaves lasting events, the answer and the cursor', async () => {
  const { code, stdout } = await onTerminal(program('fleet', '4', '100'));
  expect(code).toBe(0);
  expect(stdout).toContain('1000_1');
  expect(stdout).toMatch(/\d ready, \d pending, \d starting/);
  expect(stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(stdout.lastIndexOf(HIDE_CURSOR));
  expect(stdout.slice(stdout.indexOf(SHOW_CURSOR))).toContain('http://node0:8080');
});

it('the live view stays within the terminal’s height, wide characters included', async () => {
  const { stdout } = await onTerminal(program('fleet', '60', '5'), { columns: 40, rows: 8 });
  // Between two redraws stands one picture; ora says by itself when one was too high.
  const pictures = stdout.split('\u001b[?2026h');
  expect(Math.max(...pictures.map((picture) => picture.split('\n').length))).toBeLessThanOrEqual(8);
  expect(stdout).not.toContain('truncated to fit');
  expect(stdout).toMatch(/\d+ more: /);
});

describe('without a capable terminal, deploy prints one line per event', () => {
  it('deploy prints no escape sequence without a terminal', async () => {
    const { stdout, stderr } = await ended(start(program('fleet', '2', '20')));
    expect(stdout).toBe('http://node0:8080\n');
    expect(stderr).not.toMatch(ESCAPE);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d plan: 2 instances on cpuonly$/),
      expect.stringMatching(/^\S+ instance 0 is starting \(job 1000_0 on node0\)$/),
      expect.stringMatching(/^\S+ instance 1 is starting \(job 1000_1 on node1\)$/),
      expect.stringMatching(/^\S+ instance 0 is ready \(job 1000_0 on node0\)$/),
      expect.stringMatching(/^\S+ instance 1 is ready \(job 1000_1 on node1\)$/),
      expect.stringMatching(/^\S+ warning: 資源不足 red second line/),
      '',
    ]);
  });

  const terminals: [string, Terminal, Record<string, string>][] = [
    ['TERM=dumb', {}, { TERM: 'dumb' }],
    ['0 columns', { columns: 0 }, {}],
    ['CI', {}, { CI: 'true' }],
  ];
  for (const { rows, tags } of inParts(terminals))
    it.each(rows)('%s', { tags }, async (_what, terminal, env) => {
      const { code, stdout } = await onTerminal(program('fleet', '4', '100'), terminal, { env });
      expect(code).toBe(0);
      expect(stdout).not.toContain('\u001b');
      expect(stdout.length).toBeLessThan(4096);
    });
});

it.each(['\\x03', '\\x03\\x03'])('gives the cursor back after Ctrl-C (%s)', async (send) => {
  const ending = await onTerminal(program('fleet', '9', '3000'), { waitFor: 'pending', send });
  expect(ending.code).toBe(130);
  expect(ending.stdout.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(ending.stdout.lastIndexOf(HIDE_CURSOR));
});

it('deploy --json prints NDJSON that ends with a result, and nothing on stderr', async () => {
  const { stdout, stderr } = await ended(start(program('fleet', '2', '20', '--json')));
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map(({ type }) => type)).toContain('instance');
  expect(events.at(-1)).toMatchObject({
    schema_version: 1,
    fleet: 'sandbox',
    type: 'result',
    data: { exit_code: 0 },
  });
  expect(stderr).toBe('');
});

it('deploy --json prints a result after a signal too', async () => {
  const child = start(program('fleet', '9', '5000', '--json'));
  const ending = ended(child);
  child.stdout?.once('data', () => child.kill('SIGINT'));
  const { code, stdout } = await ending;
  expect(code).toBe(130);
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'result',
    data: { exit_code: 130, error: { kind: 'interrupted' } },
  });
});
