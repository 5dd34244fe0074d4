import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OwnHosts } from '../api/foreign-request.js';
import { Transfers } from '../http/transfers.js';
import { nextTurn } from '../http/write.js';
import { usableCpus, usableMemory } from '../machine/capacity.js';
import { urlOf } from '../text/url.js';
import { CompileCache } from './compile/compile-cache.js';
import { PrecompiledHeaders } from './compile/precompiled-headers.js';
import { SourceKeys } from './compile/source-key.js';
import { smallHeap } from './http/heap.js';
import { createMetrics, type RunRecord } from './http/metrics.js';
import { routesOf } from './http/routes.js';
import { HttpServer } from './http/server.js';
import type { Plan, WarmPlan } from './isolation/plan.js';
import { startIsolation } from './isolation/start.js';
import { preloadSets } from './isolation/warm/imports.js';
import { discover, type FoundPlan } from './languages/discover.js';
import { RECIPES } from './languages/languages.js';
import { makeParentCgroup } from './limits/cgroup/parent.js';
import { countsFor } from './limits/limits.js';
import { Sandbox } from './sandbox.js';

export interface ServeOptions {
  host: string;
  port: number;
  isolation: 'lite' | 'none';
  /** Whether the user chose this isolation: then the server starts only if it has all of it. */
  isolationAsked: boolean;
  /** Whether Python programs may run in forks of an interpreter that has started. */
  warm: 'on' | 'off';
  /** Additional sets of modules that are loaded for them. */
  preload: readonly string[];
  network: boolean;
  /** Runs at once; null: as many as CPUs. */
  maxConcurrency: number | null;
  /** Bytes of memory of one run; null: its share of what this process may use. */
  maxMemory: number | null;
  tmpSize: number;
  outputCap: number;
  token: string | null;
  /** The names by which callers may address this server; null: any. */
  hosts: OwnHosts | null;
  secret: string | null;
  /** Printed only by health checks, for a job's script of an earlier version; null for none. */
  nonce: string | null;
  own: readonly string[];
  env: NodeJS.ProcessEnv;
  log(record: RunRecord): void;
  onFull(descriptors: number): void;
  warn(words: string): void;
}

export interface Serving {
  url: string;
  sandbox: Sandbox;
  plan: Plan;
  /** Sentences for the log: what programs see besides the system's own folders, and what is hidden. */
  notes: readonly string[];
  /** Resolves when all runs have ended. */
  close(grace: number): Promise<void>;
}

/** Most bytes of all requests and answers under way, including queued ones. */
const TOGETHER = 2 ** 30;
/** The share of the memory that programs may use together; the rest is for the machine and answers. */
const MEMORY_PART = 0.8;
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Starts the embedded server. Throws kind `tool` if this machine cannot isolate, and what listen() throws. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const undo: Undo[] = [];
  const close = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    const { http, ...serving } = await start(options, undo);
    const url = urlOf(options.host, await http.listen(options.host, options.port));
    const drained = async (grace: number) => {
      await http.drain(grace);
      await close();
    };
    return { ...serving, url, close: drained };
  } catch (error) {
    await close();
    throw error;
  }
}

type Undo = () => Promise<void> | void;

/** Adds to `undo` the functions that undo each step, also if this throws. */
async function start(options: ServeOptions, undo: Undo[]) {
  const { env } = options;
  const slots = options.maxConcurrency ?? usableCpus(env);
  const memory = options.maxMemory ?? Math.floor((usableMemory(env) * MEMORY_PART) / slots);
  const headers = new PrecompiledHeaders({ now: () => performance.now() });
  undo.push(() => headers.close());
  const {
    tools,
    plan: wanted,
    view,
    notes,
  } = await discover({
    ...options,
    own: [PACKAGE, ...options.own],
  });
  if (view !== undefined) undo.push(() => view.close());
  const cgroup = await makeParentCgroup();
  if (cgroup !== undefined) undo.push(cgroup.close);
  const warm = warmPlan(options, wanted, tools.get('python')?.path, slots);
  const { isolated, plan, cold, missing } = await startIsolation(
    {
      ...{ ...wanted, memory },
      ...(warm && { warm }),
      counts: countsFor(memory, cgroup !== undefined),
      ...(cgroup && { cgroup: cgroup.home }),
    },
    slots,
    options.isolationAsked,
    view && ((thorough) => view.current(thorough)),
  );
  undo.push(isolated.close);
  const tidy = smallHeap();
  const metrics = createMetrics(() => sandbox);
  const tool = (name: string) => tools.get(name)?.path ?? name;
  // Without isolation, two runs of one source would share a folder.
  const cache = plan.isolation === 'lite';
  const sandbox = new Sandbox({
    isolation: cache ? new CompileCache(isolated.run, () => performance.now()).run : isolated.run,
    sources: cache ? new SourceKeys() : undefined,
    wall: {
      mode: plan.isolation,
      by: plan.isolation === 'lite' ? plan.by : null,
      missing: plan.isolation === 'lite' && !plan.filtered ? ['seccomp filter'] : [],
    },
    warm: { python: cold === null, reason: cold },
    has: (name) => tools.has(name),
    tool,
    cppFlags: once(() => librariesOf(tool('g++'))),
    // Only bubblewrap can show a folder to a single run.
    cppHeaders: () =>
      plan.isolation === 'lite' && plan.by === 'bwrap'
        ? headers.folderFor([tool('g++'), ...CPP_STANDARD])
        : undefined,
    memory,
    slots,
    outputCap: plan.outputCap,
    pause: nextTurn,
    nonce: options.nonce,
    warn: options.warn,
    over: (record) =>
      setImmediate(() => {
        tidy();
        metrics.count(record);
        options.log(record);
      }),
  });
  const transfers = new Transfers(TOGETHER);
  const http = new HttpServer({
    routes: routesOf(sandbox, metrics, transfers, options.secret),
    transfers,
    token: options.token,
    hosts: options.hosts,
    onFull: options.onFull,
  });
  return { sandbox, plan, http, notes: [...notes, ...missing.map(notPreloaded), ...(view?.notes() ?? [])] };
}

const notPreloaded = (module: string) => `--preload: Python finds no module ${module}`;

/** Most prepared slots: enough for requests that arrive together, without much memory. */
const MOST_READY = 4;

function warmPlan(
  { warm, preload }: ServeOptions,
  plan: FoundPlan,
  python: string | undefined,
  slots: number,
): WarmPlan | undefined {
  if (warm === 'off' || plan.isolation !== 'lite' || plan.python === null || python === undefined)
    return undefined;
  return { python, preload: preloadSets(preload), ready: Math.min(slots, MOST_READY) };
}

function once<T>(find: () => T): () => T {
  let found: { value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}

/** Headers that were compiled for another standard fit no program. */
const CPP_STANDARD = RECIPES.cpp?.compile?.filter((word) => word.startsWith('-std=')) ?? [];

/** Libraries that C++ programs are linked with if they exist, as SandboxFusion does. */
function librariesOf(compiler: string): string[] {
  return ['crypto', 'ssl', 'pthread'].flatMap((name) => {
    const there = [`lib${name}.so`, `lib${name}.a`].some((file) => {
      const { stdout } = spawnSync(compiler, [`-print-file-name=${file}`], { encoding: 'utf8' });
      return stdout?.startsWith('/') === true;
    });
    return there ? [`-l${name}`] : [];
  });
}
