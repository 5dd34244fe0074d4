import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasPersonal, isBelow, isPersonal, SECRET } from './homes.js';

/** Folders that installations have below their prefix, which may be a home. */
const PARTS =
  /^(s?bin|lib(32|64|x32|exec)?|include|pyvenv\.cfg|[a-z0-9_]+(-[a-z0-9]+)?-linux-(gnu|musl)[a-z0-9]*)$/;

/** The same below `share`; other folders there may be private, such as keyrings. */
const SHARED =
  /^(python|ruby|rubygems|R|julia|perl|php|lua|node|npm|java|gcc|swift|racket|scala|kotlin|go|rust|terminfo|tabset|zoneinfo|tcltk|locale)/;

/** Further folders of single tools. */
const MORE: Readonly<Record<string, readonly string[]>> = {
  go: ['src', 'pkg', 'misc', 'api', 'VERSION', 'go.env'],
  java: ['conf', 'jmods', 'legal', 'release', 'jre'],
  javac: ['conf', 'jmods', 'legal', 'release', 'jre'],
  Rscript: ['library', 'modules', 'etc'],
  julia: ['base', 'etc'],
  racket: ['collects', 'etc', 'share'],
  rustc: ['etc'],
};

/**
 * The parts of its installation folder that a tool needs. A folder of another user, such as a site's, is shown
 * whole; of one in a home, or of this user, only the parts that installations have.
 */
export function toolParts(tool: string, prefix: string, homes: readonly string[]): string[] {
  if (!belongsToUser(prefix, homes)) return [prefix];
  const more = MORE[tool] ?? [];
  const shared = more.includes('share')
    ? []
    : names(join(prefix, 'share')).filter((name) => SHARED.test(name));
  return [
    ...names(prefix).filter((name) => PARTS.test(name) || more.includes(name)),
    ...shared.map((name) => join('share', name)),
  ]
    .map((name) => join(prefix, name))
    .filter((part) => isShowable(part, homes));
}

/** Whether a folder has the name of a part of an installation, which holds only software. */
export function isPart(folder: string): boolean {
  return PARTS.test(basename(folder));
}

/** Whether PREFIX, where a tool is in PREFIX/bin, is a home or project rather than the tool's installation. */
export function isHome(prefix: string, homes: readonly string[]): boolean {
  return /\/\.local$/.test(prefix) || homes.some((home) => isBelow(home, prefix)) || hasPersonal(prefix);
}

function belongsToUser(prefix: string, homes: readonly string[]): boolean {
  const real = realpathSync(prefix);
  const user = process.getuid?.() ?? 0;
  return isPersonal(prefix, homes) || isPersonal(real, homes) || (user !== 0 && statSync(real).uid === user);
}

/** A part may be a link, for example to a home. */
function isShowable(part: string, homes: readonly string[]): boolean {
  try {
    const real = realpathSync(part);
    if (real.split('/').some((name) => SECRET.includes(name))) return false;
    return !homes.some((home) => isBelow(home, real)) && !hasPersonal(real);
  } catch {
    return false;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
