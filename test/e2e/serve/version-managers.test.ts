import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inParts } from '../../support/parts.js';
import { madeIn } from '../../support/paths.js';
import { type ServedCli, serveCli } from './server.js';

let home: string;
let shims: string;

function executable(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

/** A home with a version manager that knows Lua (here a Perl, which reads the same words), and not PHP. */
beforeAll(() => {
  home = mkdtempSync(madeIn('/home', 'managed'));
  shims = join(home, '.asdf/shims');
  mkdirSync(shims, { recursive: true });
  mkdirSync(join(home, '.asdf/bin'));
  const manager = join(home, '.asdf/bin/asdf');
  executable(manager, `[ "$1 $2" = "which lua" ] && echo /usr/bin/perl || exit 1`);
  for (const tool of ['lua', 'julia']) executable(join(shims, tool), `exec ${manager} exec "${tool}" "$@"`);
  // Nobody's version manager, but a wrapper of somebody whose program is elsewhere.
  executable(join(shims, 'ruby'), 'exec /nowhere/ruby "$@"');
  chmodSync(home, 0o755);
});
afterAll(() => rmSync(home, { recursive: true }));

for (const { rows, tags } of inParts(['lite', 'none'] as const))
  describe.each(rows)('isolation %s', { tags }, (isolation) => {
    let served: ServedCli;
    beforeAll(async () => {
      served = await serveCli(['--isolation', isolation], { env: { PATH: `${shims}:/usr/bin:/bin` } });
    });
    afterAll(async () => {
      await served?.stop();
    });

    const languages = async () =>
      ((await (await fetch(`${served.url}/v1/languages`)).json()) as { languages: string[] }).languages;

    test('serve asks a version manager which program its shim runs', async () => {
      const { run_result } = await served.run({ language: 'lua', code: 'print(6 * 7)' });
      expect(run_result).toMatchObject({ return_code: 0, stdout: '42' });
    });

    test('serve leaves out a shim that runs nothing, and logs it', async () => {
      expect(await languages()).not.toContain('julia');
      expect(served.stderr()).toContain(`no julia: ${shims}/julia is of ${home}/.asdf/bin/asdf`);
      const { status, run_result } = await served.run({ language: 'julia', code: 'print(1)' });
      expect({ status, run_result }).toEqual({ status: 'SandboxError', run_result: null });
    });

    test('serve does not offer a language whose trial fails, until its tool changes', async () => {
      executable(join(shims, 'ruby'), 'exec /nowhere/ruby "$@"');
      const refused = await served.run({ language: 'ruby', code: 'puts 1' });
      expect(refused).toMatchObject({ status: 'SandboxError', run_result: null });
      expect(refused.message).toContain('language ruby is not available here');
      expect(await languages()).not.toContain('ruby');
      expect(served.stderr()).toContain('ruby is not offered: its trial failed: exit code 127');
      executable(join(shims, 'ruby'), 'echo it runs now');
      const answer = await served.run({ language: 'ruby', code: 'puts 1' });
      expect(answer.run_result).toMatchObject({ return_code: 0, stdout: 'it runs now\n' });
      expect(await languages()).toContain('ruby');
    });
  });
