import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finished, SANDBOX_ERROR } from '../../client/servers.js';
import { inParts } from '../../support/parts.js';
import { workspace } from './workspace.js';

const { fleetOf, folder, prints, program, run, server, shell, started } = workspace();

describe('run prints the program’s output and exits with its code', () => {
  it.each<[string, Record<string, unknown>, number]>([
    ['success', {}, 0],
    ['its code', { return_code: 7 }, 7],
    ['a signal', { return_code: -11 }, 139],
    ['its timeout', { status: 'TimeLimitExceeded', return_code: null }, 124],
  ])('%s', async (_, changes, code) => {
    await fleetOf(await prints('to stdout', { stderr: 'to stderr\n', ...changes }));
    const told = await run([await program('a.py', 'x')]);
    expect({ code: told.code, stdout: told.stdout }).toEqual({ code, stdout: 'to stdout' });
    expect(told.stderr.startsWith('to stderr\n')).toBe(true);
    expect(told.stderr.includes('it ran longer than 10 s (--timeout)')).toBe(code === 124);
  });

  it('also for output that is not UTF-8', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x41]);
    await fleetOf(await prints('?', { sandboxctl: { stdout_base64: bytes.toString('base64') } }));
    const child = started([await program('a.py')]);
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once('close', resolve));
    expect(Buffer.concat(chunks)).toEqual(bytes);
  });

  it('and notes on stderr truncated output and why the program was killed', async () => {
    const sandboxctl = { killed: 'memory', stdout_dropped: 5 };
    await fleetOf(await prints('x', { return_code: -9, sandboxctl }));
    const told = await run([await program('a.py')]);
    expect(told.code).toBe(137);
    expect(told.stderr).toMatch(
      /program killed: it exceeded its memory limit\n.*stdout truncated: the last 5 bytes are missing/,
    );
  });
});

it.each([
  ['a pipe', 'echo typed | "$@"', '', true],
  ['a file', '"$@" <a.py', '', true],
  ['an empty file', '"$@" <empty', '', false],
  ['nothing', '"$@" </dev/null', '', false],
  ['a pipe that --stdin passes', 'echo typed | "$@" --stdin -', 'typed\n', false],
])('run of a file warns of an unread stdin: %s', async (_, script, stdin, warns) => {
  const one = await prints('x');
  await fleetOf(one);
  await program('empty');
  const told = await shell(script, await program('a.py', 'code'));
  expect(told).toMatchObject({ code: 0, stdout: 'x' });
  expect(told.stderr.includes('standard input is not passed to the program')).toBe(warns);
  expect(one.requests[0]?.body).toMatchObject(stdin === '' ? { code: 'code' } : { stdin });
});

it('run accepts a timeout longer than a Node timer allows', async () => {
  await fleetOf(await prints('x'));
  for (const timeout of ['30d', '999999999']) {
    const told = await run([await program('a.py'), '--timeout', timeout]);
    expect(told).toEqual({ code: 0, stdout: 'x', stderr: '' });
  }
});

describe('the request of run', () => {
  it('carries all flags', async () => {
    const one = await prints('', {});
    await fleetOf(one);
    await mkdir(join(folder(), 'data'));
    await program('data/in.csv', 'a,b');
    await program('input', 'read me');
    const more = ['--timeout', '1.5', '--memory', '64', '--stdin', 'input', '--file', 'data/in.csv'];
    const told = await run([
      await program('prog.cpp', 'int main(){}'),
      ...more,
      '--fetch',
      'out/a',
      '--fetch',
      'b',
    ]);
    expect(told).toMatchObject({ code: 0, stdout: '' });
    expect(one.requests[0]?.body).toEqual({
      code: 'int main(){}',
      language: 'cpp',
      compile_timeout: 10,
      run_timeout: 1.5,
      memory_limit_MB: 64,
      stdin: 'read me',
      files: { 'data/in.csv': Buffer.from('a,b').toString('base64') },
      fetch_files: ['out/a', 'b'],
    });
    expect(told.stderr).toMatch(
      /no such file after the run: out\/a \(--fetch\)\n.*no such file after the run: b \(--fetch\)/,
    );
  });

  const sources: [string, string[], string, Record<string, unknown>][] = [
    ['a pipe', ['--language', 'bash'], 'echo 1', { language: 'bash', code: 'echo 1' }],
    ['a dash', ['-', '--language', 'R'], 'x', { language: 'R', code: 'x' }],
    ['another language', ['a.py', '--language', 'pytest'], '', { language: 'pytest' }],
    ['stdin of ours', ['a.py', '--stdin', '-'], 'typed', { stdin: 'typed' }],
    ['a go test', ['x_test.go'], '', { language: 'go_test' }],
  ];
  for (const { rows, tags } of inParts(sources))
    it.each(rows)('from %s', { tags }, async (_, args, input, expected) => {
      const one = await prints('');
      await fleetOf(one);
      await program('a.py');
      await program('x_test.go');
      expect((await run(args, input)).code).toBe(0);
      expect(one.requests[0]?.body).toMatchObject(expected);
    });
});

it('run fetches the files of --fetch and writes no others', { tags: 'matrix' }, async () => {
  const content = (text: string) => Buffer.from(text).toString('base64');
  const one = await server((response) => {
    const answer = JSON.parse(finished('')) as Record<string, unknown>;
    const files = { 'out/a.txt': content('whole'), '../escape': content('x'), other: content('x') };
    response.end(JSON.stringify({ ...answer, files }));
  });
  await fleetOf(one);
  expect((await run([await program('a.py'), '--fetch', 'out/a.txt'])).code).toBe(0);
  expect(await readFile(join(folder(), 'out/a.txt'), 'utf8')).toBe('whole');
  await expect(readFile(join(folder(), 'other'))).rejects.toThrow('ENOENT');
  await expect(readFile(join(folder(), '../escape'))).rejects.toThrow('ENOENT');
});

it('run retries on another endpoint after an infra failure', async () => {
  const bad = await server((response) => void response.end(SANDBOX_ERROR));
  const good = await prints('from the good one');
  await fleetOf(bad, good);
  const both = await Promise.all([0, 1, 2].map(async () => run([await program('a.py')])));
  for (const told of both) expect(told).toMatchObject({ code: 0, stdout: 'from the good one' });
});

it('run --json prints one JSON document and exits with the program’s code', async () => {
  const one = await prints('x', { return_code: 3 });
  await fleetOf(one);
  const told = await run([await program('a.py'), '--json']);
  expect(told.code).toBe(3);
  expect(JSON.parse(told.stdout)).toMatchObject({
    schema_version: 1,
    exit_code: 3,
    url: one.url,
    failed_tries: [],
    response: { run_result: { stdout: 'x' } },
  });
});
