import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { VisiblePath } from '../../types.js';
import { both, isBelow, SECRET } from './homes.js';
import { identityOf, look } from './look.js';
import { PrivateFiles, type PrivateRoot } from './private-files.js';
import { isShownAlways, SHOWN, STANDARD, shownAlways } from './system.js';
import { isPart } from './tool-parts.js';

export interface HostViewOptions {
  homes: readonly string[];
  /** The server's own paths, which are hidden. */
  own: readonly string[];
  /** Whether programs run as this server's user, and so may read what its groups may read. */
  asServer: boolean;
  /** Milliseconds; only differences count. */
  now: () => number;
}

/**
 * Parts of the system that are shown, with how deep they are searched: a site's own files are near the top of /usr.
 */
const READ_BY_GROUPS: readonly PrivateRoot[] = [
  { path: '/etc', depth: 99, seeks: 'private' },
  { path: '/opt', depth: 99, seeks: 'private' },
  { path: '/usr/local', depth: 99, seeks: 'private' },
  { path: '/usr', depth: 3, seeks: 'private' },
];
/** Programs under users of their own could still use homes and sockets that are open to everybody. */
const OPEN_TO_ALL: readonly PrivateRoot[] = [
  { path: '/etc', depth: 99, seeks: 'homes' },
  { path: '/opt', depth: 99, seeks: 'homes' },
  { path: '/usr/local', depth: 99, seeks: 'homes' },
  { path: '/usr', depth: 3, seeks: 'homes' },
];

/**
 * The paths of this machine that sandboxes see. The list is made at the start and checked again before each run:
 * paths that are gone are left out, and those that became private are hidden.
 */
export class HostView {
  private readonly options: HostViewOptions;
  private readonly files: PrivateFiles;
  private readonly hidden: readonly string[];
  private tools: readonly string[] = [];
  /** Each once: a look at one takes some microseconds of every run. */
  private judged: readonly string[] = [];
  private stamp = '';
  private key = '';
  private visible: readonly VisiblePath[] = [];

  constructor(options: HostViewOptions) {
    this.options = options;
    this.files = new PrivateFiles(options.now);
    this.hidden = [...options.homes.flatMap(hiddenOfHome), ...both(options.own)];
    for (const root of options.asServer ? READ_BY_GROUPS : OPEN_TO_ALL) this.files.add(root);
    this.judged = this.toJudge();
  }

  /** Shows what tools need, in addition to what is always shown. */
  showTools(paths: readonly string[]): void {
    this.tools = paths;
    this.judged = this.toJudge();
    const seeks = this.options.asServer ? 'groups' : 'homes';
    for (const path of paths) {
      if (!isPart(path) && statSync(path).isDirectory()) this.files.add({ path, depth: 3, seeks });
    }
  }

  /** Whether every sandbox shows this path by default. */
  isShown(path: string): boolean {
    return isShownAlways(path) && !this.masks().some((mask) => isBelow(path, mask));
  }

  /**
   * The paths that are shown now; the same object as long as nothing changed. `thorough`: also looks for
   * changes that inotify has not reported yet.
   */
  current(thorough = false): readonly VisiblePath[] {
    this.files.refresh(thorough);
    const stamp = this.stampNow();
    if (stamp === this.stamp) return this.visible;
    this.stamp = stamp;
    const visible = layered(
      [...shownAlways(), ...this.tools.filter(isThere).map((path) => ({ path }))],
      this.masks(),
    );
    // A mask is lost when another file replaces the masked one, so the files' identities are part of the key.
    const key = visible.map((each) => JSON.stringify([each, stampOf(each.path)])).join();
    if (key !== this.key) Object.assign(this, { key, visible });
    return this.visible;
  }

  /** Notes for the server's log, one sentence per line. */
  notes(): string[] {
    const hidden = this.current()
      .filter(({ masked }) => masked !== undefined)
      .map(({ path }) => path);
    const unsearched = [...this.files.unsearched];
    return [
      ...(this.tools.length === 0 ? [] : [`programs also see, for their tools: ${this.tools.join(' ')}`]),
      ...(hidden.length === 0 ? [] : [`hidden from programs: ${someOf(hidden)}`]),
      ...unsearched.map(
        (path) =>
          `warning: ${path} has too many folders: sockets in it, and files that only a group may read, are not all hidden`,
      ),
    ];
  }

  close(): void {
    this.files.close();
  }

  private toJudge(): string[] {
    return [...new Set([...SHOWN, ...this.tools, ...this.hidden])];
  }

  /** Differs when anything that is shown or hidden is another file than before, or there was something to search. */
  private stampNow(): string {
    let stamp = String(this.files.searches);
    for (const path of this.judged) stamp += ` ${stampOf(path)}`;
    return stamp;
  }

  private masks(): string[] {
    // A tool on PATH is shown even if only a group may read it.
    return [...this.files.masks().filter((mask) => !this.tools.includes(mask)), ...this.hidden];
  }
}

const MAX_LISTED = 10;

function someOf(paths: readonly string[]): string {
  const more = paths.length - MAX_LISTED;
  return more <= 0 ? paths.join(' ') : `${paths.slice(0, MAX_LISTED).join(' ')} and ${more} more`;
}

/** Inner paths come after outer ones. A mask is left out if nothing is shown below it. */
function layered(shown: readonly VisiblePath[], masks: readonly string[]): VisiblePath[] {
  const places = shown.flatMap(({ path, link }) =>
    link === undefined ? [{ path, real: realPath(path) }] : [],
  );
  const masked = masks.flatMap((mask): VisiblePath[] => {
    const real = realPath(mask);
    const found = look(real);
    if (found === undefined) return [];
    const kind = found.isDirectory() ? 'folder' : 'file';
    return places
      .filter((place) => isBelow(real, place.real))
      .map((place) => ({ path: `${place.path}${real.slice(place.real.length)}`, masked: kind }));
  });
  const layers: VisiblePath[] = [];
  for (const each of [...shown, ...masked].toSorted((one, other) => one.path.length - other.path.length)) {
    const around = layers.findLast(({ path }) => isBelow(each.path, path));
    if (each.masked === undefined || around?.masked === undefined) layers.push(each);
  }
  return layers;
}

/** If a home is a folder of the system, only the names that homes have are hidden. */
function hiddenOfHome(home: string): string[] {
  const hidden = STANDARD.some((folder) => isBelow(folder, home))
    ? SECRET.map((name) => join(home, name))
    : [home];
  return hidden.filter(isShownAlways);
}

function isThere(path: string): boolean {
  return look(path) !== undefined;
}

/** Of a link also when it was made, where the file system does not tell that by itself. */
function stampOf(path: string): string {
  const found = look(path);
  if (found === undefined) return '';
  return `${identityOf(found)}${found.isSymbolicLink() ? `:${found.ctimeMs}` : ''}`;
}

/** Empty for a dangling link. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return '';
  }
}
