import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isHome, toolParts } from '../../../src/sandbox/isolation/host/tool-parts.js';
import { madeIn } from '../../support/paths.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(madeIn('/var/tmp', 'parts'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function made(prefix: string, ...paths: string[]): string {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, prefix, path)), { recursive: true });
    writeFileSync(join(folder, prefix, path), '');
  }
  return join(folder, prefix);
}
const partsOf = (tool: string, prefix: string, homes: string[] = []) =>
  toolParts(tool, prefix, homes)
    .map((each) => each.slice(prefix.length + 1))
    .sort();

const INSTALLED = [
  'bin/x',
  'lib/x',
  'lib64/x',
  'include/x',
  'share/python3/x',
  'share/keyrings/x',
  'data',
  'etc/x',
];
const PARTS = ['bin', 'include', 'lib', 'lib64', 'share/python3'];

test.each([
  '.ssh/key',
  '.config/x',
  '.gnupg/x',
  '.aws/credentials',
  '.env',
  '.git/config',
  '.bashrc',
  '.profile',
])('a folder with %s is shown by its parts, and so is what lies in it', (sign) => {
  const prefix = made('home', sign, ...INSTALLED);
  expect(partsOf('python', prefix)).toEqual(PARTS);
  expect(partsOf('python', made('home/tools/python', ...INSTALLED))).toEqual(PARTS);
  expect(isHome(prefix, [])).toBe(true);
});

test('a tool in a home folder is shown by its parts, also in a folder that contains a home', () => {
  const prefix = made('site', ...INSTALLED, 'users/alice/x');
  expect(partsOf('python', prefix, [join(prefix, 'users/alice')])).toEqual(PARTS);
  expect(partsOf('python', made('site/users/alice', ...INSTALLED), [join(prefix, 'users/alice')])).toEqual(
    PARTS,
  );
});

test('no part of a tool leads to a home folder or to keys', () => {
  const prefix = made('home', '.ssh/key', 'bin/x', 'project/.env');
  symlinkSync(join(prefix, '.ssh'), join(prefix, 'lib'));
  symlinkSync(prefix, join(prefix, 'include'));
  symlinkSync(join(prefix, 'project'), join(prefix, 'lib64'));
  symlinkSync('/nowhere', join(prefix, 'libexec'));
  expect(partsOf('python', prefix)).toEqual(['bin']);
});

test.each([
  ['go', ['src/x', 'pkg/x', 'VERSION', 'go.env'], ['VERSION', 'bin', 'go.env', 'pkg', 'src']],
  ['java', ['conf/x', 'jmods/x', 'release'], ['bin', 'conf', 'jmods', 'release']],
  ['racket', ['collects/x', 'share/pkgs/x'], ['bin', 'collects', 'share']],
])('of %s in a home, its own folders are shown too', (tool, paths, parts) => {
  expect(partsOf(tool, made('home', '.ssh/key', 'bin/x', 'notes', ...paths))).toEqual(parts);
});
