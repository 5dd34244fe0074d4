import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { importsOf, sourceFiles } from './imports.js';
import { SYSTEM_PATH } from './paths.js';

export interface LeftOut {
  file: string;
  /** Why it cannot run here. */
  why: string;
}

const CGROUPS = '/sys/fs/cgroup';
/** Debian's tools that some tests run themselves; root has them installed, others may lack them. */
const TOOLS = ['python3', 'git', 'shellcheck', 'mksquashfs', 'unsquashfs', 'fish', 'zsh'];
/** What the programs need that tests send to the embedded server. */
const SANDBOX_TOOLS = ['bwrap', 'g++', 'javac', 'perl', 'python3'];

/**
 * The test files that an ordinary user cannot run on this machine. A file says so by what it imports:
 * below test/cluster/ lies what makes namespaces and links and installs packages.
 */
export function leftOutWithoutRoot(path = SYSTEM_PATH): LeftOut[] {
  const missing = TOOLS.filter((tool) => !onPath(tool, path));
  return sourceFiles('test')
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => {
      const parts = [...reached(file)];
      const why = parts.includes('test/cluster/cluster.ts')
        ? 'brings up a Slurm cluster, made of namespaces and network links'
        : parts.some((part) => part.startsWith('test/cluster/'))
          ? 'runs a registry or a stand-in for enroot, and installs what they need'
          : parts.includes('test/e2e/serve/as-root.ts')
            ? 'runs servers as other users, and hides bubblewrap from them'
            : (lackingServer(parts, path) ?? lacking(parts, missing));
      return why === undefined ? [] : [{ file, why }];
    });
}

/** Those that root cannot run on this machine, where all tools are installed. */
export function leftOutAsRoot(): LeftOut[] {
  const here = textOf(join(CGROUPS, 'cgroup.subtree_control')).split(/\s/).includes('memory');
  const why = `limits memory by cgroups of version 2, which ${CGROUPS} has not`;
  return sourceFiles('test')
    .filter((file) => !here && file.endsWith('.test.ts') && textOf(file).includes("'./cgroup-v2.js'"))
    .map((file) => ({ file, why }));
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function lackingServer(parts: readonly string[], path: string): string | undefined {
  const tool =
    parts.includes('test/e2e/serve/server.ts') && SANDBOX_TOOLS.find((each) => !onPath(each, path));
  return tool ? `needs ${tool}, which is not on PATH` : undefined;
}

function lacking(parts: readonly string[], missing: readonly string[]): string | undefined {
  const tool = missing.find((each) => parts.some((part) => readFileSync(part, 'utf8').includes(`'${each}'`)));
  return tool && `needs ${tool}, which is not on PATH`;
}

/** A test file and every file of the tests that it imports, at any distance. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { to, typeOnly } of importsOf(file)) {
    if (!typeOnly && to.startsWith('test/') && to.endsWith('.ts')) reached(to, seen);
  }
  return seen;
}

function onPath(tool: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
