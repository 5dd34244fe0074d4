import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Defaults, readLine } from '../../bench/dataset/read.js';
import type { Problem } from '../../bench/problem.js';
import type { DatasetFacts } from '../../bench/report/report.js';
import { generate } from '../../bench/synthetic/generate.js';
import { parseSetName } from '../../bench/synthetic/shapes.js';
import { messageOf, SandboxctlError } from '../../errors.js';
import { isThere } from '../../files/atomic.js';
import { strictText } from '../../text/utf8.js';
import type { Context } from '../context.js';
import { type Options, usage } from './options.js';
import type { FoundTools } from './tools.js';

export interface Dataset {
  problems: Problem[];
  facts: DatasetFacts;
}

/** Mistakes of a file that are shown at once. */
const SHOWN = 20;

/** The problems of a synthetic set or of a file. Throws kind `usage` for what is neither, or has no problem. */
export async function problemsOf(context: Context, options: Options, tools: FoundTools): Promise<Dataset> {
  const { dataset, seed } = options;
  const set = parseSetName(dataset);
  if (set === undefined || (await isThere(context.path(dataset)))) return fromFile(context, options);
  const problems = generate(set, seed, tools.gxx !== null);
  if (tools.gxx === null && problems.length < set.count)
    context.io.stderr.line('warning: no g++ on PATH: the set is without its problems in C++');
  return datasetOf(options, { problems, rejected: [], source: 'synthetic' });
}

async function fromFile({ path, io }: Context, options: Options): Promise<Dataset> {
  const { dataset, limits } = options;
  const problems: Problem[] = [];
  const rejected: DatasetFacts['rejected'] = [];
  let line = 0;
  try {
    for await (const bytes of linesOf(path(dataset))) {
      line += 1;
      const read = readBytes(bytes, line, limits);
      if (read === undefined) continue;
      if ('problem' in read) problems.push(read.problem);
      else rejected.push({ line, reason: read.mistakes.join('; ') });
    }
  } catch (error) {
    throw new SandboxctlError('usage', {
      what: `cannot read the data set ${dataset}`,
      detail: messageOf(error),
      hint: "name a file of JSON lines, or a synthetic set such as leetcode-100: 'sandboxctl bench --help'",
      cause: error,
    });
  }
  const told = rejected.map((each) => `${dataset}:${each.line}: ${each.reason}`);
  if (problems.length === 0) throw noProblems(dataset, told);
  for (const words of told.slice(0, SHOWN)) io.stderr.line(`warning: ${words}`);
  if (told.length > SHOWN)
    io.stderr.line(
      `warning: ${told.length - SHOWN} more lines of ${dataset} are no problems (--json lists all)`,
    );
  return datasetOf(options, { problems, rejected, source: 'file' });
}

function noProblems(dataset: string, told: readonly string[]): SandboxctlError {
  return usage(
    `${dataset} has no problem`,
    'docs/benchmarks.md lists the fields of a line',
    told.slice(0, SHOWN).join('\n') || 'it has no line',
  );
}

/** Undefined for a line without content. */
function readBytes(bytes: Buffer, line: number, defaults: Defaults): ReturnType<typeof readLine> | undefined {
  try {
    const text = strictText(bytes)
      .replace(line === 1 ? /^\ufeff/ : '', '')
      .trim();
    return text === '' ? undefined : readLine(text, line, defaults);
  } catch (error) {
    return { mistakes: [messageOf(error)] };
  }
}

/** A name that ends with `.gz` is unpacked. */
function bytesOf(path: string): Readable {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) return file;
  // The loop over it sees its errors, and those of the file.
  return pipeline(file, createGunzip(), () => undefined);
}

async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of bytesOf(path)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, at)]);
      rest = [];
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
  }
  yield Buffer.concat(rest);
}

type Found = Pick<DatasetFacts, 'rejected' | 'source'> & { problems: Problem[] };

function datasetOf(
  { dataset, seed, first, cases }: Options,
  { problems: all, rejected, source }: Found,
): Dataset {
  const problems = all
    .slice(0, first)
    .map((problem) => ({ ...problem, cases: problem.cases.slice(0, cases) }));
  const languages: Record<string, number> = {};
  for (const { language } of problems) languages[language] = (languages[language] ?? 0) + 1;
  const facts: DatasetFacts = {
    name: dataset,
    source,
    seed: source === 'synthetic' ? seed : null,
    sha256: createHash('sha256').update(JSON.stringify(problems)).digest('hex'),
    problems: problems.length,
    runs: problems.reduce((sum, problem) => sum + problem.cases.length, 0),
    languages,
    rejected,
  };
  return { problems, facts };
}
