import { cp, lstat, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensurePackages, run } from './tools.js';

/** What a layer of the root file system is made of: Debian packages whose files are copied from this machine. */
export const systemPackages = [
  'base-files',
  'bash',
  'coreutils',
  'dash',
  'findutils',
  'grep',
  'hostname',
  'make',
  'sed',
];
export const pythonPackages = [
  'python3-minimal',
  'python3.11-minimal',
  'libpython3.11-minimal',
  'libpython3.11-stdlib',
  'media-types',
];

const unwanted =
  /^\/(usr\/share\/(doc|man|info|locale|lintian|common-licenses|bug)|usr\/lib\/python3[^/]*\/(lib2to3|pydoc_data|idlelib|test|turtledemo|ensurepip)|etc\/(skel|update-motd.d))\//;
const linked = /^\/(bin|sbin|lib|lib64)\//;

/** `name version` of each package, one a line: the same list, the same files. */
export async function versions(packages: readonly string[]): Promise<string> {
  await ensurePackages(packages);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format
  return run('dpkg-query', ['-W', '-f', '${Package} ${Version}\n', ...packages]);
}

/** The packages' files and the libraries that their programs load, as paths below / without the leading slash. */
export async function packageFiles(packages: readonly string[]): Promise<string[]> {
  const listed = (await run('dpkg', ['-L', ...packages])).split('\n').filter((path) => path.startsWith('/'));
  const candidates = unique(listed.map(real).filter((path) => !unwanted.test(path)));
  const files = await present(candidates);
  const caches = files.filter((path) => /\.py$/.test(path)).map(byteCode);
  return unique([...files, ...(await present(caches)), ...(await libraries(files))])
    .sort()
    .map((path) => path.slice(1));
}

/** Folders, links and accounts that no package's list of files holds. */
export async function skeleton(folder: string): Promise<void> {
  for (const name of [
    'dev',
    'etc',
    'home',
    'proc',
    'root',
    'run',
    'sys',
    'tmp',
    'usr/lib64',
    'usr/local/bin',
    'var/tmp',
  ]) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o755 });
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(folder, name));
  await writeFile(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n',
  );
  // What a login shell reads first: it has a PATH of its own, as in every image of Debian's.
  await cp('/usr/share/base-files/profile', join(folder, 'etc/profile'));
  await writeFile(join(folder, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
}

/** Where Debian 12 really keeps a file: /bin and its like are links into /usr. */
function real(path: string): string {
  return linked.test(path) ? `/usr${path}` : path;
}

function byteCode(path: string): string {
  return path.replace(/([^/]+)\.py$/, '__pycache__/$1.cpython-311.pyc');
}

async function present(paths: readonly string[]): Promise<string[]> {
  const kept = await Promise.all(
    paths.map(async (path) => {
      const about = await lstat(path).catch(() => undefined);
      return about?.isFile() || about?.isSymbolicLink() ? [path] : [];
    }),
  );
  return kept.flat();
}

async function libraries(files: readonly string[]): Promise<string[]> {
  const programs = files.filter((path) => /^\/usr\/(s?bin\/|lib\/.*\.so(\.|$))/.test(path));
  const told = await run('sh', ['-c', 'ldd "$@" 2>/dev/null || :', 'ldd', ...programs]);
  const found = [...told.matchAll(/(?:=> |^\t)(\/\S+) \(0x/gm)].map((match) => real(match[1] ?? ''));
  const targets = await Promise.all(found.map((path) => realpath(path)));
  return [...found, ...targets];
}

function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}
