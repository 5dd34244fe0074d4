import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { candidates } from '../../text/search-path.js';
import { behindShim, managerOf } from './shims.js';

export interface Tool {
  /** Absolute. */
  path: string;
  /** Folders that sandboxes do not show by default. */
  folders: readonly string[];
}

const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = { python: ['python3'], dmd: ['ldmd2'] };

/**
 * Commands that print the real program and the folders that it needs, a line each: version managers put scripts on
 * PATH.
 */
const ASK: Readonly<Record<string, readonly string[]>> = {
  python: ['-c', 'import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep="\\n")'],
  node: ['-p', 'process.execPath'],
  rustc: ['--print', 'sysroot'],
  go: ['env', 'GOROOT'],
  ruby: ['-e', 'puts RbConfig.ruby, RbConfig::CONFIG["prefix"]'],
  perl: ['-e', 'print $^X'],
  julia: ['-e', 'println(joinpath(Sys.BINDIR, "julia"))'],
  Rscript: ['-e', 'cat(file.path(R.home("bin"), "Rscript"), R.home(), sep="\\n")'],
};
const ASK_MS = 10_000;

export interface Search {
  path: string;
  env: NodeJS.ProcessEnv;
  /** Whether every sandbox shows this path. */
  isShown: (path: string) => boolean;
  /** Whether no sandbox can show it, since something else is mounted there. */
  isHidden: (path: string) => boolean;
  /** Whether a folder contains more than an installation. */
  isHome: (folder: string) => boolean;
  parts: (tool: string, prefix: string) => string[];
}

/** Finds tools by name. Missing tools, and shims that run nothing, are left out and noted. */
export async function findTools(
  names: Iterable<string>,
  search: Search,
): Promise<{ tools: Map<string, Tool>; notes: string[] }> {
  const unseen = new Map<string, string>();
  const python = await findTool('python', search, unseen);
  const found = [...new Set(names)].map(async (name): Promise<[string, Tool | undefined]> => {
    // The program of a package must belong to the Python that runs the programs, not to another one on PATH.
    const first = name === 'pytest' && python !== undefined ? `${dirname(python.path)}${delimiter}` : '';
    return [name, await findTool(name, { ...search, path: first + search.path }, unseen)];
  });
  const all = await Promise.all(found);
  const tools = new Map(
    all.flatMap(([name, tool]): [string, Tool][] => (tool === undefined ? [] : [[name, tool]])),
  );
  const notes = [...unseen].filter(([name]) => !tools.has(name)).map(([name, why]) => `no ${name}: ${why}`);
  return { tools, notes };
}

async function findTool(
  name: string,
  search: Search,
  unseen: Map<string, string>,
): Promise<Tool | undefined> {
  if (name.startsWith('/')) return executable(name) ? { path: name, folders: [] } : undefined;
  for (const plain of [name, ...(OTHER_NAMES[name] ?? [])]) {
    for (const file of candidates(plain, search.path)) {
      if (!executable(file) || isHiddenTool(file, search)) continue;
      const tool = await resolveTool(name, plain, file, search);
      if (tool !== undefined) return tool;
      unseen.set(name, `${file} is of ${managerOf(file)}, which does not say what it runs`);
    }
  }
  return undefined;
}

function isHiddenTool(file: string, { isHidden }: Search): boolean {
  return isHidden(file) || isHidden(realpathSync(file));
}

async function resolveTool(
  name: string,
  plain: string,
  file: string,
  search: Search,
): Promise<Tool | undefined> {
  const real = realpathSync(file);
  const manager = managerOf(file);
  if (manager === undefined && search.isShown(file) && search.isShown(real))
    return { path: file, folders: [] };
  const answer = await ask(name, file, search.env);
  if (manager !== undefined && answer.length === 0) {
    const behind = await behindShim(manager, plain, search.env);
    if (behind === undefined || !executable(behind) || isHiddenTool(behind, search)) return undefined;
    return managerOf(behind) === undefined ? resolveTool(name, plain, behind, search) : undefined;
  }
  const path = answer.find((line) => executable(line)) ?? inBin(name, answer[0]) ?? real;
  const folders = [path, ...answer]
    .flatMap((each) => neededFor(name, each, search))
    .filter((folder) => !search.isShown(folder));
  return { path, folders: outermost(folders) };
}

async function ask(name: string, file: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const question = ASK[name];
  if (question === undefined) return [];
  // Not in the server's own folder, which may be unreadable.
  const asked = promisify(execFile)(file, question, { env, cwd: '/', timeout: ASK_MS });
  const text = await asked.then(({ stdout }) => stdout).catch(() => '');
  return text.split('\n').filter((line) => line.startsWith('/'));
}

function inBin(name: string, folder: string | undefined): string | undefined {
  const file = folder && join(folder, 'bin', name);
  return file !== undefined && executable(file) ? file : undefined;
}

/** For `X/bin/tool`, the parts of X that belong to it; in ~/.local/bin and ~/bin only the file. */
function neededFor(tool: string, path: string, { isShown, isHome, parts }: Search): string[] {
  if (!existsSync(path)) return [];
  if (!executable(path)) return isShown(path) ? [] : parts(tool, path);
  const real = realpathSync(path);
  const above = dirname(dirname(real));
  if (basename(dirname(real)) !== 'bin' || above === '/' || isHome(above)) return [real];
  return isShown(above) ? [] : parts(tool, above);
}

export function outermost(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)];
  return unique.filter((one) => !unique.some((other) => one !== other && one.startsWith(`${other}/`)));
}

export function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
