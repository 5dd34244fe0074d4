import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../bench/execute.js';
import type { Method } from '../bench/methods/method.js';
import { htmlPage } from '../bench/report/html/page.js';
import type { BenchReport } from '../bench/report/report.js';
import { summarize } from '../bench/report/summarize.js';
import { reportText } from '../bench/report/text.js';
import { messageOf, SandboxctlError } from '../errors.js';
import { writeAtomic } from '../files/atomic.js';
import { version } from '../files/version.js';
import { usableCpus } from '../machine/capacity.js';
import { namedFleet } from '../state/choose-fleet.js';
import { confirmUnisolated } from './bench/consent.js';
import { openJournal } from './bench/journal.js';
import { machineFacts } from './bench/machine.js';
import { openMethods } from './bench/methods.js';
import { type BenchOptions, readOptions } from './bench/options.js';
import { problemsOf } from './bench/problems.js';
import { benchProgress } from './bench/progress.js';
import { sweep } from './bench/sweep.js';
import { findTools } from './bench/tools.js';
import type { Context } from './context.js';

/** Before the umask, as for any file that a user names. */
const HTML_MODE = 0o666;

/**
 * Runs the problems of a data set by several methods, and prints how fast each is and whether they agree. Throws kind
 * `refused`, after its report, if they do not.
 */
export async function bench(context: Context, given: BenchOptions): Promise<void> {
  const { env, io, clock, signal } = context;
  const cores = usableCpus(env);
  const options = readOptions(given, cores, namedFleet(context) !== undefined);
  const tools = await findTools(context);
  const machine = machineFacts(cores, tools);
  const { problems, facts: dataset } = await problemsOf(context, options, tools);
  if (dataset.source === 'file' && !given.yes) await confirmUnisolated(context, options, dataset);
  const languages = Object.keys(dataset.languages);
  const more = { cores, tools, tokenFile: given.tokenFile, languages };
  if (given.sweep)
    return sweep(
      context,
      { ...options, ...more, folder: '' },
      { problems, facts: dataset },
      given.json ?? false,
    );
  const journal = await openJournal(context, options, { dataset, resume: given.resume ?? false });
  const folder = await mkdtemp(join(tmpdir(), 'sandboxctl-bench-'));
  const methods: Method[] = [];
  const progress = benchProgress(context, {
    problems,
    methods,
    done: journal.done,
    progress: await context.progress(),
  });
  try {
    await openMethods(context, { ...options, ...more, folder }, methods);
    const segments = await execute({
      problems,
      methods,
      concurrency: options.concurrency,
      done: journal.done,
      signal,
      now: () => performance.now(),
      ...progress,
      onSegment: async (segment) => {
        progress.onSegment(segment);
        await journal.add(segment);
      },
    });
    const facts = {
      sandboxctl: version(),
      started_at: journal.startedAt,
      finished_at: new Date(clock.now()).toISOString(),
      machine,
      dataset,
    };
    const report = summarize({ problems, methods, concurrency: options.concurrency, segments, facts });
    progress.close();
    if (given.json) io.stdout.line(JSON.stringify(report, null, 2));
    else for (const line of reportText(report, io.stdout.columns)) io.stdout.line(line);
    if (given.html !== undefined) await writeHtml(context, given.html, report);
    if (!report.complete) io.stderr.line('interrupted: the same command with --resume continues it');
    else await journal.finish();
    throwUnlessGood(report);
  } finally {
    progress.close();
    await Promise.all(methods.map((method) => method.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeHtml({ path, io }: Context, file: string, report: BenchReport): Promise<void> {
  const target = path(file);
  try {
    await writeAtomic(target, htmlPage(report), HTML_MODE);
  } catch (error) {
    throw new SandboxctlError('tool', {
      what: `${target} could not be written`,
      detail: messageOf(error),
      hint: 'the same command with --resume and another --html FILE writes it, and runs nothing again',
      cause: error,
    });
  }
  io.stderr.line(`wrote ${target}`);
}

function throwUnlessGood({ methods, agreement: { disagreements, compared } }: BenchReport): void {
  const idle = methods.find(({ runs, sandbox_failures: failures }) => runs > 0 && failures.runs === runs);
  if (idle !== undefined) {
    throw new SandboxctlError('refused', {
      what: `method ${idle.name} has run no program`,
      detail: Object.keys(idle.sandbox_failures.reasons)[0] ?? '',
      hint: '--method and --endpoint select the methods',
    });
  }
  const certain = disagreements.filter(({ doubtful }) => !doubtful);
  if (certain.length === 0) return;
  throw new SandboxctlError('refused', {
    what: `the methods disagree on ${certain.length} of ${compared} problems`,
    detail: certain
      .slice(0, 3)
      .map(
        ({ problem, answers }) =>
          `${problem}: ${answers.map(({ method, verdict }) => `${method} ${verdict}`).join(', ')}`,
      )
      .join('\n'),
    hint: "'sandboxctl bench --json' lists all answers; other versions of the tools are the usual cause",
  });
}
