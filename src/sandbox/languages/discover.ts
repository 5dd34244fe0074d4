import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { candidates } from '../../text/search-path.js';
import { homesOf } from '../isolation/host/homes.js';
import { HostView } from '../isolation/host/host-view.js';
import { closedFolder, isHidden, isShownAlways } from '../isolation/host/system.js';
import { isHome, toolParts } from '../isolation/host/tool-parts.js';
import { seccompFilter } from '../isolation/lite/seccomp.js';
import type { LitePlan, NonePlan, SandboxUser } from '../isolation/plan.js';
import { RECIPES, toolNames } from './languages.js';
import { executable, findTools, outermost, type Tool } from './toolchains.js';

export interface DiscoverOptions {
  isolation: 'lite' | 'none';
  network: boolean;
  outputCap: number;
  tmpSize: number;
  own: readonly string[];
  env: NodeJS.ProcessEnv;
}

const STANDARD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Without the parts that depend on a run's memory. */
export type FoundPlan = Omit<LitePlan, 'counts' | 'memory'> | Omit<NonePlan, 'counts' | 'memory'>;

export interface Found {
  plan: FoundPlan;
  tools: ReadonlyMap<string, Tool>;
  view: HostView | undefined;
  notes: readonly string[];
}

export async function discover(options: DiscoverOptions): Promise<Found> {
  const { env, outputCap, tmpSize } = options;
  const lite = options.isolation === 'lite';
  const user = process.getuid?.() === 0 ? sandboxUser() : null;
  const homes = homesOf(env);
  const now = () => performance.now();
  const view = lite ? new HostView({ homes, own: options.own, asServer: user === null, now }) : undefined;
  const names = Object.values(RECIPES).flatMap(toolNames);
  const search = {
    path: `${env.PATH ?? ''}${delimiter}${STANDARD_PATH}`,
    env,
    isShown: (path: string) => view?.isShown(path) ?? isShownAlways(path),
    isHidden: (path: string) => lite && isHidden(path, options.own),
    isHome: (folder: string) => isHome(folder, homes),
    parts: (tool: string, prefix: string) => toolParts(tool, prefix, homes),
  };
  const { tools, notes } = await findTools(names, search);
  const python = usablePython(tools.get('python')?.path);
  const common = { env: builtEnvironment(env, tools, lite), python, outputCap, tmpSize };
  if (view === undefined) return { plan: { isolation: 'none', ...common }, tools, view, notes };
  const folders = outermost([...tools.values()].flatMap((tool) => tool.folders));
  view.showTools(folders);
  return {
    plan: { ...common, ...litePlan(options, user, folders), visible: view.current() },
    tools,
    view,
    notes,
  };
}

function usablePython(path: string | undefined): string | null {
  if (path === undefined) return null;
  return spawnSync(path, ['-I', '-S', '-c', 'import ctypes']).status === 0 ? path : null;
}

function builtEnvironment(
  env: NodeJS.ProcessEnv,
  tools: ReadonlyMap<string, Tool>,
  lite: boolean,
): Record<string, string> {
  const places = [...tools.values()]
    .filter((tool) => tool.folders.length > 0)
    .map((tool) => dirname(tool.path));
  const path = lite ? [...new Set(places), STANDARD_PATH].join(delimiter) : (env.PATH ?? STANDARD_PATH);
  return {
    PATH: path,
    HOME: '/tmp',
    LANG: 'C.UTF-8',
    // As in SandboxFusion's image.
    OMP_NUM_THREADS: '2',
    // With a socket as stdin and SHLVL below 2, bash assumes that it was started by rshd, and reads ~/.bashrc.
    SHLVL: '2',
  };
}

function litePlan(
  { network, env }: DiscoverOptions,
  user: SandboxUser | null,
  folders: readonly string[],
): Omit<LitePlan, 'visible' | keyof NonePlan> & { isolation: 'lite' } {
  const bwrap = onPath('bwrap', env);
  return {
    isolation: 'lite',
    by: bwrap === undefined ? 'unshare' : 'bwrap',
    bwrap: bwrap ?? '',
    warm: null,
    keysListed: existsSync('/proc/keys'),
    filtered: seccompFilter(process.arch, false) !== undefined,
    network,
    user,
    staged: user === null ? [] : folders.filter((folder) => closedFolder(folder) !== undefined),
    processLetter: countsOwnProcesses(user) ? ulimitLetter() : null,
  };
}

/** Users that are used for nothing else. A container may map only the user nobody, or none. */
function sandboxUser(): SandboxUser | null {
  const candidates = [
    { uid: 2_000_000_000, gid: 2_000_000_000, range: true },
    { uid: 65_534, gid: 65_534, range: false },
  ];
  return candidates.find(({ uid, gid }) => spawnSync('/bin/true', [], { uid, gid }).status === 0) ?? null;
}

/** By its user, or since Linux 5.14 by its namespace. */
function countsOwnProcesses(user: SandboxUser | null): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return user?.range === true || major > 5 || (major === 5 && minor >= 14);
}

function ulimitLetter(): 'p' | 'u' {
  return spawnSync('/bin/sh', ['-c', 'ulimit -u 64'], { stdio: 'ignore' }).status === 0 ? 'u' : 'p';
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  return candidates(name, `${env.PATH ?? ''}${delimiter}${STANDARD_PATH}`).find(executable);
}
