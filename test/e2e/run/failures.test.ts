import { readdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ended } from '../../cli/run.js';
import { finished, SANDBOX_ERROR } from '../../client/servers.js';
import { inParts } from '../../support/parts.js';
import { workspace } from './workspace.js';

const { fleetOf, folder, prints, program, run, server, shell, started } = workspace();

describe('run fails if it cannot write', () => {
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

  it('except if the program printed nothing', { tags: 'matrix' }, async () => {
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
    expect(await readdir(folder())).toEqual(['a.py', 'state']);
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

  it('if no server is reached, by the name of doctor’s finding', async () => {
    const away = await prints('');
    await fleetOf(away);
    await away.close();
    const told = await run([await program('a.py'), '--json']);
    expect(told).toMatchObject({ code: 125, stdout: '' });
    expect(told.stderr).toContain('"failure":"server-not-reached"');
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
    await writeFile(join(folder(), 'latin.py'), Buffer.from([0x23, 0xe9, 0x0a]));
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

it('run exits with the code of a signal that ends it', { tags: 'matrix' }, async () => {
  const slow = await server(() => undefined);
  await fleetOf(slow);
  const child = started([await program('a.py')]);
  const end = ended(child);
  while (slow.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect((await end).code).toBe(130);
});
