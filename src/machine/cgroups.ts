import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface Cgroup {
  version: 1 | 2;
  folder: string;
  /** The uppermost folder of its hierarchy that is to be seen here. */
  top: string;
}

/** The cgroup of this process that a controller's limits stand in; undefined if none is mounted. */
export function ownCgroup(controller: string): Cgroup | undefined {
  return findCgroup(controller, text('/proc/self/cgroup'), text('/proc/self/mountinfo'));
}

/**
 * One hierarchy holds a controller: one of version 1 that names it, else version 2's. Containers mount only a part.
 */
export function findCgroup(controller: string, cgroups: string, mountinfo: string): Cgroup | undefined {
  const own = cgroups.split('\n').map((line) => /^(\d+):([^:]*):(.*)$/.exec(line) ?? []);
  const [, , , v1] = own.find(([, , names = '']) => names.split(',').includes(controller)) ?? [];
  const [, , , v2] = own.find(([, id]) => id === '0') ?? [];
  const [version, path] = v1 === undefined ? ([2, v2] as const) : ([1, v1] as const);
  if (path === undefined) return undefined;
  for (const line of mountinfo.split('\n')) {
    const [place = '', source = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = place.split(' ').map(unescaped);
    const [kind, , options = ''] = source.split(' ');
    const fits = version === 2 ? kind === 'cgroup2' : kind === 'cgroup' && named(options, controller);
    const below = root === '/' ? path : belowOf(path, root);
    if (fits && below !== undefined) return { version, folder: resolve(point, `.${below}`), top: point };
  }
  return undefined;
}

export function inAll({ folder, top }: Cgroup, file: string): string[] {
  const found = [text(join(folder, file))];
  for (let each = folder; each.length > top.length; ) {
    each = dirname(each);
    found.push(text(join(each, file)));
  }
  return found.filter((each) => each !== '');
}

function named(options: string, controller: string): boolean {
  return options.split(',').includes(controller);
}

function belowOf(path: string, root: string): string | undefined {
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** mountinfo writes spaces and the like as octal numbers. */
function unescaped(field: string): string {
  return field.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return '';
  }
}
