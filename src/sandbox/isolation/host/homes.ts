import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** Names that only homes and projects contain. A folder with one of these is never shown whole. */
const HOME_MARKERS = [
  '.config',
  '.docker',
  '.netrc',
  '.bash_history',
  '.git',
  '.env',
  '.envrc',
  '.git-credentials',
  '.bashrc',
  '.bash_profile',
  '.profile',
  '.zshrc',
];
/** Names that hold secrets. */
export const SECRET = ['.ssh', '.gnupg', '.aws', '.kube'];
const PERSONAL = [...SECRET, ...HOME_MARKERS, '.npmrc', '.pypirc'];

/** UID_MIN of login.defs: lower ids are services, whose homes are folders of the system. */
const FIRST_PERSON = 1000;
const NOBODY = 65_534;

/** The homes of all users of this machine and of this one, with their real paths. */
export function homesOf(env: NodeJS.ProcessEnv): string[] {
  const own = [homedir(), env.HOME ?? '', orEmpty(() => userInfo().homedir)];
  const all = [...own, ...homesOfUsers(), '/root'].filter((path) => path.startsWith('/'));
  return both([...new Set(all.map((path) => path.replace(/(.)\/+$/, '$1')))]);
}

/** Paths, and their real paths if these differ. */
export function both(paths: readonly string[]): string[] {
  const real = paths.map((path) => orEmpty(() => realpathSync(path)));
  return [...new Set([...paths, ...real.filter((path) => path !== '')])];
}

function homesOfUsers(): string[] {
  const lines = orEmpty(() => readFileSync('/etc/passwd', 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const [, , uid, , , home] = line.split(':');
    const person = Number(uid) >= FIRST_PERSON && Number(uid) !== NOBODY;
    return home?.startsWith('/') && (person || hasPersonal(home)) ? [home] : [];
  });
}

/** Whether a folder contains a name that only homes and projects have. */
export function hasPersonal(folder: string): boolean {
  return PERSONAL.some((name) => existsSync(join(folder, name)));
}

/** Whether a folder is a home or a project, lies in one, or has one of `homes` in it. */
export function isPersonal(folder: string, homes: readonly string[]): boolean {
  if (homes.some((home) => isBelow(folder, home) || isBelow(home, folder))) return true;
  for (let each = folder; ; each = dirname(each)) {
    if (hasPersonal(each)) return true;
    if (each === dirname(each)) return false;
  }
}

export function isBelow(path: string, folder: string): boolean {
  return path === folder || folder === '/' || path.startsWith(`${folder}/`);
}

function orEmpty(ask: () => string): string {
  try {
    return ask();
  } catch {
    return '';
  }
}
