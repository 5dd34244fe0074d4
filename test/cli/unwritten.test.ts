import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpoint, fleet } from '../endpoints/samples.js';
import { inParts } from '../support/parts.js';
import { cli, type Ended, ended, program, start } from './run.js';

let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-unwritten-'));
  const place = join(folder, 'state/fleets/sandbox');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'endpoints.json'), JSON.stringify(fleet([endpoint(0, { expires_at: null })])));
  const event = { schema_version: 1, time: '2026-01-01T00:00:00Z', fleet: 'sandbox', type: 'warning' };
  await writeFile(join(place, 'events.ndjson'), `${JSON.stringify(event)}\n`);
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  env = { HOME: folder, SANDBOXCTL_STATE_DIR: join(folder, 'state'), PATH: path };
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs words with a redirection of a shell's. */
function into(redirection: string, argv: readonly string[]): Promise<Ended> {
  return ended(start(['bash', '-c', `"$@" ${redirection}`, 'bash', ...argv], { env, cwd: folder }));
}

/** Every command that answers without a server, a program that runs, or Slurm. */
const ANSWERS = [
  // A text, a stream, an object, and what is bundled for loops: one of each way to write.
  'help exit-codes',
  'events --follow',
  'config show --json',
  'endpoints',
  '--version',
  '-v --version',
  '--help',
  'deploy --help',
  'endpoints --format txt',
  'endpoints --watch',
  'events',
  'config show',
  'completion bash',
  'completion words -- dep',
  'init --print --cluster local',
  'deploy --cluster local --nodes 1 --dry-run',
  'deploy --cluster local --nodes 1 --dry-run --json',
];

describe('an answer that cannot be written is an error of', () => {
  for (const { rows, tags } of inParts(ANSWERS, 4))
    it.each(rows)('%s', { tags }, async (line) => {
      const { code, stderr } = await into('> /dev/full', cli(...line.split(' ')));
      expect(code, stderr).toBe(4);
      expect(stderr).toContain('No space left on device');
      if (line.includes('--json')) expect(JSON.parse(stderr)).toMatchObject({ error: { exit_code: 4 } });
      else
        expect(stderr.replace(/^seen .* ago; .*\n/, '')).toMatch(
          /^error: cannot write the output: .*\n {2}ENOSPC: .*\nhint: .*'df'.*\n$/,
        );
    });

  it('an answer of which only a part was written is an error', async () => {
    const part = join(folder, 'part');
    const { code, stderr } = await into(`> ${part}`, [
      'bash',
      '-c',
      'ulimit -f 2; "$@"',
      'bash',
      ...cli('--help'),
    ]);
    expect((await stat(part)).size).toBe(2048);
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('File too large');
  });
});

it('the exit code reports an unwritable answer if stderr is unwritable too', async () => {
  expect((await into('> /dev/full 2>&1', cli('endpoints'))).code).toBe(4);
});

it('a message lost on stderr is no error', async () => {
  const { code, stdout } = await into('2> /dev/full', cli('endpoints', '--format', 'table'));
  expect(code).toBe(0);
  expect(stdout).toContain('node1');
});

it('a large answer arrives complete in a file', async () => {
  const file = join(folder, 'large');
  expect((await into(`> ${file}`, program('end', 'big'))).code).toBe(0);
  expect((await readFile(file)).length).toBe(3_000_000);
});

for (const { rows, tags } of inParts(['config show', '--help', 'endpoints']))
  it.each(rows)('a reader that has enough is no failure: %s', { tags }, async (line) => {
    const told = await into('| head -n 1', cli(...line.split(' ')));
    expect(told).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await into('| head -n 1 >/dev/null; echo $PIPESTATUS', cli(...line.split(' ')));
    expect(stdout).toBe('0\n');
  });
