import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Clock, Context, Globals, Reporter } from '../commands/context.js';
import { SandboxctlError } from '../errors.js';
import { currentFolder, folderGone, inFolder } from '../node.js';
import type { Run } from '../process/run.js';
import type { Session } from './session.js';

/** Makes the reporter of one command; given only to commands that report. */
export type ReporterFactory = (options: ReporterOptions) => Reporter;

interface ReporterOptions {
  json: boolean;
  /** The fleet, where the command line names one. */
  fleet: string | undefined;
  now: () => number;
}

/**
 * What a command touches, all of it behind functions: help never reads the configuration, and
 * `endpoints` never loads what runs tools.
 */
export function createContext(session: Session, globals: Globals, makeReporter?: ReporterFactory): Context {
  const { env } = process;
  const cwd = currentFolder();
  const run = globals.verbose ? tracedRun(session) : lazyRun;
  const now = Date.now;
  // With --json the last line is a result, however early the command fails.
  if (session.json) makeReporter?.({ json: true, fleet: globals.fleet, now });
  return {
    env,
    get cwd() {
      if (cwd === undefined) throw folderGone('this command works in it');
      return cwd;
    },
    path: (given) => inFolder(cwd, given),
    globals,
    io: session.io,
    clock: lazyClock,
    signal: session.stop.signal,
    onInterrupt: (handler) => {
      session.interrupted = handler;
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
      for (const warning of resolved.warnings) session.io.stderr.line(`warning: ${warning}`);
      return resolved;
    },
    reporter: ({ json, fleet }) => {
      if (makeReporter === undefined) throw new Error('this command is wired as one that does not report');
      session.json ||= json;
      return makeReporter({ json, fleet, now });
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
    relay: (to) => session.relay(to),
    endWith: (code) => {
      session.doneCode = code;
    },
    get stateFolder() {
      return stateFolder(env, cwd);
    },
  };
}

/** A command that never sleeps does not load what sleeps. */
const lazyClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => (await import('./clock.js')).clock.sleep(ms, signal),
};

const lazyRun: Run = async (argv, options) => {
  const { run } = await import('../process/run.js');
  return run(argv, options);
};

function tracedRun(session: Session): Run {
  return async (argv, options) => {
    const { traced } = await import('./trace.js');
    return traced(lazyRun, session.io.stderr, lazyClock)(argv, options);
  };
}

/** $SANDBOXCTL_STATE_DIR, else sandboxctl/ in $XDG_STATE_HOME (when absolute, as its standard asks), else in ~/.local/state. */
export function stateFolder(env: NodeJS.ProcessEnv, cwd: string | undefined): string {
  if (env.SANDBOXCTL_STATE_DIR) return inFolder(cwd, env.SANDBOXCTL_STATE_DIR);
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, 'sandboxctl');
  const home = homeFolder(env);
  if (home !== undefined) return join(home, '.local', 'state', 'sandboxctl');
  throw new SandboxctlError('config', {
    what: 'no place for the state folder: this user has no home folder',
    hint: 'set SANDBOXCTL_STATE_DIR to a folder that the nodes see too',
  });
}

/** By the password database where HOME names none; undefined where that has none either. */
function homeFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env.HOME && isAbsolute(env.HOME)) return env.HOME;
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}
