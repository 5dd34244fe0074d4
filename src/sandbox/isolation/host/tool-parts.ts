import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasPersonal, isBelow, isPersonal, SECRET } from './homes.js';

/** What a tool is installed as, below its prefix; a prefix may be a home. */
const PARTS =
  /^(s?bin|lib(32|64|x32|exec)?|include|pyvenv\.cfg|[a-z0-9_]+(-[a-z0-9]+)?-linux-(gnu|musl)[a-z0-9]*)$/;

/** Below share; what else lies there may be somebody's, such as keyrings. */
const SHARED =
  /^(python|ruby|rubygems|R|julia|perl|php|lua|node|npm|java|gcc|swift|racket|scala|kotlin|go|rust|terminfo|tabset|zoneinfo|tcltk|locale)/;

/** What single tools have beside. */
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
 * Of the folder that a tool is installed in, what it needs. A folder that somebody else made for all, such as a
 * site's, is shown whole; one in a home, or of this user's own, by the parts that installations have.
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

/** Whether a folder is called as the parts of installations are, which hold software and nothing else. */
export function isPart(folder: string): boolean {
  return PARTS.test(basename(folder));
}

/** Whether a tool in PREFIX/bin has nothing of its own around it: other things live in PREFIX. */
export function isHome(prefix: string, homes: readonly string[]): boolean {
  return /\/\.local$/.test(prefix) || homes.some((home) => isBelow(home, prefix)) || hasPersonal(prefix);
}

function belongsToUser(prefix: string, homes: readonly string[]): boolean {
  const real = realpathSync(prefix);
  const user = process.getuid?.() ?? 0;
  return isPersonal(prefix, homes) || isPersonal(real, homes) || (user !== 0 && statSync(real).uid === user);
}

/** A part may be a link: to a home, say. */
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
