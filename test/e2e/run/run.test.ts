import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cli, type Ended, ended } from '../../cli/run.js';
import { answering, finished, SANDBOX_ERROR, type TestServer } from '../../client/servers.js';
import { endpoint, fleet } from '../../endpoints/samples.js';
import { inParts } from '../../support/parts.js';

let folder: string;
const open: TestServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-run-'));
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
  await rm(folder, { recursive: true });
});

async function server(...args: Parameters<typeof answering>): Promise<TestServer> {
  const started = await answering(...args);
  open.push(started);
  return started;
}

const prints = (stdout: string, changes: Record<string, unknown> = {}) =>
  server((response) => void response.end(finished(stdout, changes)));

/** A fleet whose endpoints file names these servers. */
async function fleetOf(...servers: TestServer[]): Promise<void> {
  const place = join(folder, 'state/fleets/sandbox');
  await mkdir(place, { recursive: true });
  const endpoints = servers.map(({ url }, at) => endpoint(at, { url, expires_at: null }));
  await writeFile(join(place, 'endpoints.json'), JSON.stringify(fleet(endpoints)));
}

async function program(name: string, text = ''): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

function started(args: string[]): ChildProcess {
  const [node = '', ...words] = cli('run', ...args);
  const env = { PATH: process.env.PATH, HOME: folder, SANDBOXCTL_STATE_DIR: join(folder, 'state') };
  return spawn(node, words, { env, cwd: folder });
}

async function run(args: string[], input = ''): Promise<Ended> {
  const child = started(args);
  child.stdin?.end(input);
  return ended(child);
}

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
  const words = cli('run', await program('a.py', 'code'));
  const env = { PATH: process.env.PATH, HOME: folder, SANDBOXCTL_STATE_DIR: join(folder, 'state') };
  const told = await ended(spawn('bash', ['-c', script, 'bash', ...words], { env, cwd: folder }));
  expect(told).toMatchObject({ code: 0, stdout: 'x' });
  expect(told.stderr.includes('standard input is not passed to the program')).toBe(warns);
  expect(one.requests[0]?.body).toMatchObject(stdin === '' ? { code: 'code' } : { stdin });
});

it('and accepts a timeout longer than a Node timer allows', async () => {
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
    await mkdir(join(folder, 'data'));
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

it('fetches files and writes no others', { tags: 'matrix' }, async () => {
  const content = (text: string) => Buffer.from(text).toString('base64');
  const one = await server((response) => {
    const answer = JSON.parse(finished('')) as Record<string, unknown>;
    const files = { 'out/a.txt': content('whole'), '../escape': content('x'), other: content('x') };
    response.end(JSON.stringify({ ...answer, files }));
  });
  await fleetOf(one);
  expect((await run([await program('a.py'), '--fetch', 'out/a.txt'])).code).toBe(0);
  expect(await readFile(join(folder, 'out/a.txt'), 'utf8')).toBe('whole');
  await expect(readFile(join(folder, 'other'))).rejects.toThrow('ENOENT');
  await expect(readFile(join(folder, '../escape'))).rejects.toThrow('ENOENT');
});

it('tries another endpoint after an infra failure', async () => {
  const bad = await server((response) => void response.end(SANDBOX_ERROR));
  const good = await prints('from the good one');
  await fleetOf(bad, good);
  const both = await Promise.all([0, 1, 2].map(async () => run([await program('a.py')])));
  for (const told of both) expect(told).toMatchObject({ code: 0, stdout: 'from the good one' });
});

it('prints one JSON document with --json and exits with the program’s code', async () => {
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

describe('run fails if it cannot write the result', () => {
  const shell = (script: string, ...args: string[]) => {
    const env = { PATH: process.env.PATH, HOME: folder, SANDBOXCTL_STATE_DIR: join(folder, 'state') };
    const words = ['-c', script, 'bash', ...cli('run', ...args)];
    return ended(spawn('bash', words, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }));
  };

  const redirections: [string, string][] = [
    ['its stderr', '"$@" 2> /dev/full'],
    ['its stdout', '"$@" > /dev/full'],
    ['the end of its stdout', '(ulimit -f 1; "$@" > part)'],
  ];
  for (const { rows, tags } of inParts(redirections))
    it.each(rows)('%s', { tags }, async (_, script) => {
      await fleetOf(await prints('x'.repeat(5_000), { stderr: 'to stderr\n', return_code: 3 }));
      expect((await shell(script, await program('a.py'))).code).toBe(125);
    });

  it('but not if the program printed nothing', { tags: 'matrix' }, async () => {
    await fleetOf(await prints('', { return_code: 3 }));
    const told = await shell('"$@" > /dev/full', await program('a.py'));
    expect(told).toEqual({ code: 3, stdout: '', stderr: '' });
  });

  it('and leaves no part of a file that it could not fetch', async () => {
    const answer = JSON.parse(finished('printed')) as Record<string, unknown>;
    const files = { 'a.bin': Buffer.alloc(5_000).toString('base64') };
    await fleetOf(await server((response) => void response.end(JSON.stringify({ ...answer, files }))));
    const told = await shell('ulimit -f 1; "$@"', await program('a.py'), '--fetch', 'a.bin');
    expect(told).toMatchObject({ code: 125, stdout: 'printed' });
    expect(told.stderr).toMatch(/^error: .*a\.bin could not be written; .*\n {2}EFBIG.*\nhint: .*--fetch/);
    expect(await readdir(folder)).toEqual(['a.py', 'state']);
  });
});

describe('run exits with 125 and prints nothing on stdout', () => {
  it('without a fleet, and suggests deploy', async () => {
    const told = await run([await program('a.py')]);
    expect(told).toMatchObject({ code: 125, stdout: '' });
    expect(told.stderr).toContain("error: nothing is deployed under the name 'sandbox'");
    expect(told.stderr).toContain(
      "'sandboxctl deploy --cluster local --nodes 1' creates one on this machine",
    );
  });

  it('if the sandbox failed at every try', async () => {
    const fail = (response: ServerResponse) => void response.end(SANDBOX_ERROR);
    await fleetOf(await server(fail, fail));
    const told = await run([await program('a.py')]);
    expect(told).toMatchObject({ code: 125, stdout: '' });
    expect(told.stderr).toContain('the sandboxes failed, not the program');
    expect(told.stderr).toContain('no space left on device');
  });

  it('if the server refuses the request', async () => {
    await fleetOf(await server((response) => void response.writeHead(422).end('{"detail":"words"}')));
    const told = await run([await program('a.py')]);
    expect(told).toMatchObject({ code: 125, stdout: '' });
    expect(told.stderr).toContain('words');
  });

  const refused: [string, string[], string][] = [
    ['an unknown flag', ['--nope'], 'unknown option'],
    ['no such file', ['missing.py'], 'missing.py cannot be read'],
    ['no language', ['-'], '--language'],
    ['an unknown language', ['a.py', '--language', 'cobol'], "no language 'cobol'"],
    ['an unknown ending', ['a.xyz'], 'does not tell its language'],
    ['a bad time', ['a.py', '--timeout', 'soon'], '--timeout takes'],
    ['no time', ['a.py', '--timeout', '0'], '--timeout takes'],
    ['bad memory', ['a.py', '--memory', '1G'], '--memory takes'],
    ['a missing --file', ['a.py', '--file', 'nope'], 'nope cannot be read'],
    ['two files of one name', ['a.py', '--file', 'a.py', '--file', './a.py'], 'two files'],
    ['--fetch outside', ['a.py', '--fetch', '../x'], 'below the program'],
    ['--fetch absolute', ['a.py', '--fetch', '/etc/passwd'], 'below the program'],
    ['stdin twice', ['-', '--language', 'python', '--stdin', '-'], 'cannot be both'],
  ];
  for (const { rows, tags } of inParts(refused, 3))
    it.each(rows)('%s', { tags }, async (_, args, words) => {
      await fleetOf(await prints('x'));
      await program('a.py');
      const told = await run(args);
      expect(told).toMatchObject({ code: 125, stdout: '' });
      expect(told.stderr).toContain(words);
    });

  it('for a program that is not text, before anything runs', async () => {
    await fleetOf(await prints('x'));
    await writeFile(join(folder, 'latin.py'), Buffer.from([0x23, 0xe9, 0x0a]));
    const told = await run(['latin.py']);
    expect(told).toMatchObject({ code: 125, stdout: '' });
    expect(told.stderr).toContain('byte 0xe9 at offset 1');
  });

  it('with the same code in its JSON', { tags: 'matrix' }, async () => {
    const told = await run([await program('a.py'), '--json']);
    expect(told.code).toBe(125);
    expect(JSON.parse(told.stderr)).toMatchObject({ error: { kind: 'absent', exit_code: 125 } });
  });
});

it('but with the signal’s own code', { tags: 'matrix' }, async () => {
  const slow = await server(() => undefined);
  await fleetOf(slow);
  const child = started([await program('a.py')]);
  const end = ended(child);
  while (slow.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect((await end).code).toBe(130);
});
