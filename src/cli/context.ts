import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Clock, Context, Globals, Reporter } from '../commands/context.js';
import { SandboxctlError } from '../errors.js';
import { currentFolder, folderGone, inFolder } from '../node.js';
import type { Run } from '../process/run.js';
import type { ProgramRun } from './program-run.js';

export type ReporterFactory = (options: ReporterOptions) => Reporter;

interface ReporterOptions {
  json: boolean;
  fleet: string | undefined;
  now: () => number;
}

/** Everything is loaded on use: help never reads the configuration, and `endpoints` never loads what runs tools. */
export function createContext(
  programRun: ProgramRun,
  globals: Globals,
  makeReporter?: ReporterFactory,
): Context {
  const { env } = process;
  const cwd = currentFolder();
  const run = globals.verbose ? tracedRun(programRun) : lazyRun;
  const now = Date.now;
  // With --json the last line is a result, even if the command fails before it reports anything.
  if (programRun.json) makeReporter?.({ json: true, fleet: globals.fleet, now });
  return {
    env,
    get cwd() {
      if (cwd === undefined) throw folderGone('this command works in it');
      return cwd;
    },
    path: (given) => inFolder(cwd, given),
    globals,
    io: programRun.io,
    clock: lazyClock,
    signal: programRun.stop.signal,
    onInterrupt: (handler) => {
      programRun.onInterrupt = handler;
    },
    run,
    config: async (flags) => {
      const { loadConfig } = await import('../config/load.js');
      const resolved = await loadConfig({
        flags,
        env,
        cwd,
        home: homeFolder(env),
        configFile: globals.configFile,
      });
      for (const warning of resolved.warnings) programRun.io.stderr.line(`warning: ${warning}`);
      return resolved;
    },
    reporter: ({ json, fleet }) => {
      if (makeReporter === undefined) throw new Error('this command is wired as one that does not report');
      programRun.json ||= json;
      return makeReporter({ json, fleet, now });
    },
    progress: async () => (await import('./progress.js')).showProgress(programRun.io.stderr, now),
    screen: async () => {
      const { canRedraw } = await import('./report/index.js');
      if (!canRedraw(programRun.io.stdout, env)) return undefined;
      const { liveScreen } = await import('./screen.js');
      const screen = liveScreen(process.stdout, programRun.io.stdout);
      programRun.onClose(screen.close);
      return screen;
    },
    scheduler: async (cluster) => {
      const { connectScheduler, localCluster } = await import('./scheduler.js');
      return cluster === 'local'
        ? localCluster(run, env, stateFolder(env, cwd))
        : connectScheduler(run, env, cluster, stateFolder(env, cwd));
    },
    clusters: async () => {
      const { clustersHere } = await import('./scheduler.js');
      return clustersHere(env);
    },
    relay: (to) => programRun.relay(to),
    endWith: (code) => {
      programRun.successCode = code;
    },
    get stateFolder() {
      return stateFolder(env, cwd);
    },
  };
}

const lazyClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => (await import('./clock.js')).clock.sleep(ms, signal),
};

const lazyRun: Run = async (argv, options) => {
  const { run } = await import('../process/run.js');
  return run(argv, options);
};

function tracedRun(programRun: ProgramRun): Run {
  return async (argv, options) => {
    const { traced } = await import('./trace.js');
    return traced(lazyRun, programRun.io.stderr, lazyClock)(argv, options);
  };
}

/** $SANDBOXCTL_STATE_DIR, else sandboxctl/ in $XDG_STATE_HOME (ignored if relative, as its standard says), else in ~/.local/state. */
export function stateFolder(env: NodeJS.ProcessEnv, cwd: string | undefined): string {
  if (env.SANDBOXCTL_STATE_DIR) return inFolder(cwd, env.SANDBOXCTL_STATE_DIR);
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, 'sandboxctl');
  const home = homeFolder(env);
  if (home !== undefined) return join(home, '.local', 'state', 'sandboxctl');
  throw new SandboxctlError('config', {
    what: 'no place for the state folder: this user has no home folder',
    hint: 'set SANDBOXCTL_STATE_DIR to a folder that the nodes can also see',
  });
}

function homeFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env.HOME && isAbsolute(env.HOME)) return env.HOME;
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}
