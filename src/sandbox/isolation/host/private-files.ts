import { accessSync, constants, type FSWatcher, lstatSync, readdirSync, type Stats, watch } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../../errors.js';
import { SECRET } from './homes.js';
import { identityOf, look } from './look.js';
import { isPart } from './tool-parts.js';

/** Folders of packages: many files, which installers make readable for everybody. */
const PACKAGES = [
  'site-packages',
  'dist-packages',
  'site-library',
  'node_modules',
  'conda-meta',
  'pkgs',
  '.git',
];
/** Most folders that are searched below one root; each costs about 10 microseconds. */
const MOST_FOLDERS = 4096;
/**
 * The kernel does not report changes that another machine makes on a shared file system, so folders are checked this
 * often. Milliseconds.
 */
const SWEEP_MS = 5000;
const SWEEP_UNTOLD_MS = 100;

export interface PrivateRoot {
  path: string;
  /** How many levels of folders are searched. */
  depth: number;
  /**
   * `private`: what is not for everybody, and this user may read. `groups`: the same where a tool lies, but for what
   * this user owns, and for programs and libraries. `homes`: only folders that have keys in them. Each also seeks
   * sockets, named pipes and devices.
   */
  seeks: 'private' | 'groups' | 'homes';
}

interface Searched {
  root: PrivateRoot;
  depth: number;
  stamp: string;
  masks: string[];
  below: string[];
  watcher: FSWatcher | undefined;
}

/**
 * Finds files and folders that this server's user can read but not everybody can (programs run as the same user),
 * and sockets and devices that lead out of a sandbox. Folders are searched once, and again when they change.
 */
export class PrivateFiles {
  private readonly folders = new Map<string, Searched>();
  private readonly changed = new Set<string>();
  private readonly counts = new Map<PrivateRoot, number>();
  private swept = 0;
  searches = 0;
  private untold = 0;
  /** Folders that hold too much to be searched. */
  readonly unsearched = new Set<string>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  add(root: PrivateRoot): void {
    this.counts.set(root, 0);
    this.search(root.path, root, 1);
    this.swept = this.now();
  }

  refresh(thorough = false): void {
    const every = this.untold > 0 ? SWEEP_UNTOLD_MS : SWEEP_MS;
    if (thorough || this.now() - this.swept >= every) this.sweep();
    for (const folder of this.changed) {
      const known = this.folders.get(folder);
      if (known !== undefined) this.search(folder, known.root, known.depth);
    }
    this.changed.clear();
  }

  masks(): string[] {
    return [...this.folders.values()].flatMap((each) => each.masks);
  }

  close(): void {
    for (const each of this.folders.values()) each.watcher?.close();
    this.folders.clear();
  }

  private sweep(): void {
    for (const [folder, { stamp, watcher }] of this.folders) {
      if (stampOf(folder) !== stamp) this.changed.add(folder);
      else if (watcher === undefined) this.changed.add(folder);
    }
    this.swept = this.now();
  }

  private search(folder: string, root: PrivateRoot, depth: number): void {
    this.searches += 1;
    const known = this.folders.get(folder);
    const stamp = stampOf(folder);
    if (stamp === GONE) {
      this.forget(folder);
      return;
    }
    if (stamp === UNSEEN) {
      // What it hid stays hidden, should it be back before the next look.
      if (known !== undefined) known.stamp = stamp;
      return;
    }
    const searched: Searched = {
      ...{ root, depth, stamp, masks: [], below: [] },
      // Watched before it is read, so that no change is missed. A new folder with the same name is watched anew.
      watcher:
        known?.stamp.split(' ')[0] === stamp.split(' ')[0] ? known?.watcher : this.watch(folder, known),
    };
    this.folders.set(folder, searched);
    const names = namesIn(folder);
    if (depth > 1 && SECRET.some((name) => names.includes(name))) {
      searched.masks.push(folder);
    } else for (const name of names) this.judge(join(folder, name), name, searched);
    for (const gone of known?.below ?? []) if (!searched.below.includes(gone)) this.forget(gone);
  }

  private judge(path: string, name: string, { root, depth, masks, below }: Searched): void {
    const found = look(path);
    if (found === undefined || found.isSymbolicLink()) return;
    if (!found.isDirectory()) {
      if (isDoor(found) || ((found.mode & 0o004) === 0 && isPrivate(path, found, root))) masks.push(path);
      return;
    }
    if ((found.mode & 0o005) !== 0o005 && isPrivate(path, found, root)) {
      masks.push(path);
      return;
    }
    const others = [...this.counts.keys()].some((each) => each.path === path);
    if (depth >= root.depth || others || PACKAGES.includes(name) || (root.seeks === 'groups' && isPart(name)))
      return;
    below.push(path);
    if (this.folders.has(path)) return;
    const count = (this.counts.get(root) ?? 0) + 1;
    this.counts.set(root, count);
    if (count > MOST_FOLDERS) this.unsearched.add(root.path);
    else this.search(path, root, depth + 1);
  }

  private forget(folder: string): void {
    const known = this.folders.get(folder);
    if (known === undefined) return;
    this.folders.delete(folder);
    this.counts.set(known.root, (this.counts.get(known.root) ?? 1) - 1);
    if (known.watcher === undefined) this.untold -= 1;
    known.watcher?.close();
    for (const each of known.below) this.forget(each);
  }

  private watch(folder: string, known: Searched | undefined): FSWatcher | undefined {
    known?.watcher?.close();
    if (known !== undefined && known.watcher === undefined) this.untold -= 1;
    try {
      const watcher = watch(folder, { persistent: false }, () => this.changed.add(folder));
      // The folder is gone; its parent reports that.
      return watcher.on('error', () => this.changed.add(folder));
    } catch {
      // For example, the user has no more watches.
      this.untold += 1;
      return undefined;
    }
  }
}

/** A socket, named pipe or device, which leads out of a sandbox even on a read-only mount. */
function isDoor(found: Stats): boolean {
  return !found.isFile() && !found.isDirectory();
}

function isPrivate(path: string, found: Stats, { seeks }: PrivateRoot): boolean {
  if (seeks === 'homes' || (seeks === 'groups' && found.uid === process.getuid?.())) return false;
  // Files in a folder that may be entered but not listed can be opened by name, and cannot be searched.
  return may(path, constants.R_OK) || (found.isDirectory() && may(path, constants.X_OK));
}

function may(path: string, access: number): boolean {
  try {
    accessSync(path, access);
    return true;
  } catch {
    return false;
  }
}

const GONE = '';
const UNSEEN = 'unseen';

/** `UNSEEN`: nobody can look at it now, for example since a folder above it was closed. */
function stampOf(folder: string): string {
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    return found === undefined ? GONE : `${identityOf(found)} ${found.mtimeMs} ${found.ctimeMs}`;
  } catch (error) {
    // A file lies where a folder above it was. Node takes only a missing name for a missing entry.
    return codeOf(error) === 'ENOTDIR' ? GONE : UNSEEN;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
