import { join, resolve } from 'node:path';
import { clock } from '../../../src/cli/clock.js';
import { showProgress } from '../../../src/cli/progress.js';
import { connectScheduler } from '../../../src/cli/scheduler.js';
import type { Context, Output } from '../../../src/commands/context.js';
import type { ImportImageOptions } from '../../../src/commands/import-image.js';
import { loadConfig } from '../../../src/config/load.js';
import { run } from '../../../src/process/run.js';

/** One call of import-image: its options, and where it happens. */
export interface Asked extends ImportImageOptions {
  /** State folder, home and folder of the call lie in it. */
  place: string;
  env: NodeJS.ProcessEnv;
  verbose?: boolean;
  /** Columns of the terminal that stderr is; none for a pipe. */
  columns?: number;
}

export interface Ends {
  signal: AbortSignal;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
}

export function contextFor({ place, env, verbose = false, columns = 0 }: Asked, ends: Ends): Context {
  const stderr = output(ends.stderr, columns);
  return {
    env,
    cwd: place,
    path: (given) => resolve(place, given),
    globals: { fleet: undefined, configFile: undefined, verbose },
    io: {
      stdout: output(ends.stdout, 0),
      stderr,
      stdin: async () => '',
      stdinIsGiven: () => false,
      confirm: async () => false,
      ask: async () => undefined,
    },
    clock,
    signal: ends.signal,
    run,
    config: (flags) =>
      loadConfig({ flags, env, cwd: place, home: join(place, 'home'), configFile: undefined }),
    reporter: () => {
      throw new Error('import-image reports no events of a fleet');
    },
    screen: async () => undefined,
    progress: async () => showProgress(stderr, clock.now),
    scheduler: (cluster) => connectScheduler(run, env, cluster, join(place, 'state')),
    clusters: async () => [],
    onInterrupt: () => undefined,
    relay: () => undefined,
    endWith: () => undefined,
    stateFolder: join(place, 'state'),
  };
}

function output(write: (text: string) => void, columns: number): Output {
  return {
    write,
    line: (text) => write(`${text}\n`),
    bytes: async (bytes) => write(String(bytes)),
    isTTY: columns > 0,
    columns,
    rows: 24,
    color: false,
  };
}
