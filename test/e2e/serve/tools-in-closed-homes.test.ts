import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { madeIn } from '../../support/paths.js';
import { asUser, COLD, newUser, WITHOUT_BWRAP } from './as-root.js';
import { serveCli } from './server.js';

const USER = newUser();
let home: string;
let toolchain: string;

/** A home that is closed to others, with a Python of its own in it, whole: program and library. */
beforeAll(() => {
  home = mkdtempSync(madeIn('/home', 'tools'));
  toolchain = join(home, 'tools/python');
  const [program = '', library = ''] = execFileSync(
    '/usr/bin/python3',
    [
      '-c',
      'import os, sys\nprint(os.path.realpath(sys.executable), os.path.dirname(os.__file__), sep="\\n")',
    ],
    { encoding: 'utf8' },
  ).split('\n');
  mkdirSync(join(toolchain, 'bin'), { recursive: true });
  cpSync(program, join(toolchain, 'bin/python3'));
  const version = library.split('/').at(-1) ?? '';
  cpSync(library, join(toolchain, 'lib', version), { recursive: true, dereference: true });
  writeFileSync(join(toolchain, 'lib', version, 'treasure.py'), 'found = "treasure"');
  writeFileSync(join(home, 'tools/secret'), 'SECRET');
  chmodSync(home, 0o700);
  chownSync(home, USER, USER);
});
afterAll(() => rmSync(home, { recursive: true }));

const SERVERS: [string, string[]][] = [
  ['root, warm', []],
  ['root with bubblewrap', COLD],
  ['root without bubblewrap', WITHOUT_BWRAP],
  ['an ordinary user, warm', asUser(USER)],
  ['an ordinary user with bubblewrap', [...COLD, ...asUser(USER)]],
  ['an ordinary user without bubblewrap', [...WITHOUT_BWRAP, ...asUser(USER)]],
];

test.each(SERVERS)(
  'a Python in a closed home works in a sandbox of %s; the rest of the home does not show',
  async (_, before) => {
    const PATH = `${join(toolchain, 'bin')}:/usr/bin:/bin`;
    const served = await serveCli([], { before, env: { PATH, HOME: home } });
    try {
      const code = `import os, sys, treasure
print(sys.executable, treasure.found)
print(os.listdir("${home}/tools"), os.access("${toolchain}/bin/python3", os.W_OK))
open("${toolchain}/mine", "w")`;
      const { run_result } = await served.run({ language: 'python', code });
      expect(run_result?.stdout).toBe(`${join(toolchain, 'bin/python3')} treasure\n['python'] False\n`);
      expect(run_result?.stderr).toContain('Read-only file system');
    } finally {
      await served.stop();
    }
  },
);
