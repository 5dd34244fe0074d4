import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../bench/execute.js';
import type { Method } from '../bench/methods/method.js';
import { runsOf } from '../bench/problem.js';
import { summarize } from '../bench/report/summarize.js';
import { reportText } from '../bench/report/text.js';
import { version } from '../files/version.js';
import { usableCpus } from '../machine/capacity.js';
import { machineFacts } from './bench/machine.js';
import { openMethods } from './bench/methods.js';
import { readOptions } from './bench/options.js';
import { problemsOf } from './bench/problems.js';
import { benchProgress } from './bench/progress.js';
import { findTools } from './bench/tools.js';
import type { Context } from './context.js';

export interface BenchOptions {
  /** A file, or the name of a synthetic set. */
  dataset?: string | undefined;
  methods: readonly string[];
  concurrency?: string | undefined;
  seed?: string | undefined;
  json?: boolean;
}

/** Runs the problems of a data set by several methods, and prints how fast each is and whether they agree. */
export async function bench(context: Context, given: BenchOptions): Promise<void> {
  const { env, io, clock, signal } = context;
  const cores = usableCpus(env);
  const options = readOptions(given, cores);
  const tools = await findTools(context);
  const machine = machineFacts(cores, tools);
  const { problems, facts: dataset } = problemsOf(options, tools);
  const startedAt = new Date(clock.now()).toISOString();
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-bench-'));
  const methods: Method[] = [];
  const progress = benchProgress(context, { problems, methods, progress: await context.progress() });
  try {
    await openMethods(context, { ...options, cores, tools, folder }, methods);
    const segments = await execute({
      problems,
      methods,
      concurrency: options.concurrency,
      done: [],
      signal,
      now: () => performance.now(),
      ...progress,
    });
    const report = summarize({
      problems,
      methods,
      concurrency: options.concurrency,
      segments,
      facts: {
        sandboxctl: version(),
        started_at: startedAt,
        finished_at: new Date(clock.now()).toISOString(),
        machine,
        dataset: { ...dataset, problems: problems.length, runs: runsOf(problems).length },
      },
    });
    progress.close();
    if (given.json) io.stdout.line(JSON.stringify(report, null, 2));
    else for (const line of reportText(report, io.stdout.columns)) io.stdout.line(line);
  } finally {
    progress.close();
    await Promise.all(methods.map((method) => method.close()));
    await rm(folder, { recursive: true, force: true });
  }
}
