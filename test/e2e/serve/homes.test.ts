import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asUser, COLD, newUser, WITHOUT_BWRAP } from './as-root.js';
import { type OwnView, ownView } from './own-view.js';
import { serveCli } from './server.js';

const USER = newUser();
const SECRETS = [
  ...['.ssh/id_ed25519', '.config/gh/hosts.yml', '.local/share/keyrings/login', '.local/state/x', 'notes'],
  ...['project/.env', 'project/data', 'bin.txt', 'share/mine'],
];
/** Homes where clusters have them, and below a folder that every sandbox shows. */
const PARENTS = ['/srv', '/opt'];
const PREFIXES = ['.', '.local', 'project', 'project/.venv'];
const homes = new Map<string, string>();

let view: OwnView;

beforeAll(async () => {
  view = await ownView(PARENTS);
  for (const parent of PARENTS) {
    const made = mkdtempSync(view.path(join(parent, 'homes-')));
    const home = join(parent, basename(made));
    homes.set(parent, home);
    for (const name of SECRETS) {
      mkdirSync(dirname(join(made, name)), { recursive: true });
      writeFileSync(join(made, name), 'SECRET');
    }
    for (const prefix of PREFIXES) {
      const [enter = '', ...words] = view.words;
      execFileSync(enter, [...words, '/usr/bin/python3', '-m', 'venv', '--without-pip', join(home, prefix)]);
      writeFileSync(join(made, prefix, 'include/treasure.h'), '');
    }
    cpSync('/usr/bin/perl', join(made, 'bin/perl'), { dereference: true });
    execFileSync('chown', ['-R', `${USER}:${USER}`, made]);
    chmodSync(made, 0o700);
  }
});
afterAll(() => view?.close());

const SERVERS: [string, string[], string[]][] = [
  ['root, warm', [], []],
  ['root with bubblewrap', COLD, ['security']],
  ['root without bubblewrap', WITHOUT_BWRAP, ['security']],
  ['an ordinary user, warm', asUser(USER), ['security']],
  ['an ordinary user with bubblewrap', [...COLD, ...asUser(USER)], ['security']],
  ['an ordinary user without bubblewrap', [...WITHOUT_BWRAP, ...asUser(USER)], []],
];

describe.each(SERVERS)('by %s', (_, before, tags) => {
  for (const parent of PARENTS) {
    for (const prefix of PREFIXES) {
      // The home as it is known, and as no list of homes names it.
      for (const known of [true, false]) {
        const rest = parent === '/srv' && prefix === '.' && known ? tags : ['security'];
        test(`a Python whose prefix is ${prefix} in a home in ${parent} shows its own parts only${known ? '' : ', also where nobody knows that it is a home'}`, {
          tags: rest,
        }, async () => {
          const home = homes.get(parent) ?? '';
          const PATH = `${join(home, prefix, 'bin')}:/usr/bin:/bin`;
          const served = await serveCli([], {
            before: [...view.words, ...before],
            env: { PATH, HOME: known ? home : '/nonexistent' },
          });
          try {
            const code = `import os, sys
print(os.path.realpath(sys.prefix), os.path.exists(sys.prefix + "/include/treasure.h"))
for name in ${JSON.stringify(SECRETS)}:
    try: print("BROKEN", open("${home}/" + name).read())
    except OSError: pass`;
            const { run_result } = await served.run({ language: 'python', code });
            expect(run_result?.stdout).toBe(`${join(home, prefix)} True\n`);
            expect(served.stderr()).toContain('programs also see, for their tools: ');
          } finally {
            await served.stop();
          }
        });
      }
    }
  }
});

test('a single program in a home is shown without its neighbours', async () => {
  const home = homes.get('/srv') ?? '';
  rmSync(view.path(join(home, 'bin/python')));
  rmSync(view.path(join(home, 'bin/python3')));
  const served = await serveCli([], {
    before: [...view.words, ...asUser(USER)],
    env: { PATH: `${home}/bin:/usr/bin`, HOME: home },
  });
  try {
    const code = `print "$^X @{[glob('${home}/* ${home}/.* ${home}/bin/*')]}"`;
    const { run_result } = await served.run({ language: 'perl', code });
    expect(run_result?.stdout).toBe(`${home}/bin/perl ${home}/bin ${home}/. ${home}/.. ${home}/bin/perl`);
  } finally {
    await served.stop();
  }
});
