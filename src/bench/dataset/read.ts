import { LANGUAGES, type Language } from '../../api/languages.js';
import { isObject } from '../../text/json-object.js';
import { type Problem, VERDICTS } from '../problem.js';
import { codeOf, joined } from './program.js';
import { kindOf, MEGABYTES, Row, SECONDS } from './row.js';
import { testsOf } from './tests.js';

/** What holds where a line does not say. */
export interface Defaults {
  language: Language;
  /** Seconds. */
  timeout: number;
  memoryLimitMB: number | null;
}

export type ReadLine = { problem: Problem } | { mistakes: string[] };

/** One line of a data set: JSON of one problem, in any of the forms that docs/benchmarks.md lists. */
export function readLine(text: string, line: number, defaults: Defaults): ReadLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { mistakes: [`not JSON: ${error instanceof Error ? error.message : error}`] };
  }
  if (!isObject(value)) return { mistakes: [`a line must be an object, not ${kindOf(value)}`] };
  const row = new Row(value);
  const problem = problemOf(row, line, defaults);
  return problem === undefined || row.mistakes.length > 0 ? { mistakes: row.mistakes } : { problem };
}

function problemOf(row: Row, line: number, defaults: Defaults): Problem | undefined {
  const code = codeOf(row);
  const tests = testsOf(row);
  const language = languageOf(row, defaults.language);
  const label = VERDICTS.find((each) => each === row.fields.expected_verdict) ?? null;
  if (label === null && row.first('expected_verdict') !== undefined)
    row.mistake(`expected_verdict must be one of ${VERDICTS.join(', ')}`);
  const limits = {
    runTimeout: row.amount(SECONDS, 'timeout', 'run_timeout', 'time_limit') ?? defaults.timeout,
    memoryLimitMB:
      row.amount(MEGABYTES, 'memory_limit_MB', 'memory_limit_mb', 'memory_limit') ?? defaults.memoryLimitMB,
  };
  if (code === undefined || tests === undefined || language === undefined) return undefined;
  const common = { id: idOf(row, line), line, label, ...limits };
  if (tests.kind === 'cases') return { ...common, language, code, cases: tests.cases };
  if (tests.kind === 'pytest' && language !== 'python' && language !== 'pytest')
    return row.mistake(`pytest tests Python, and the language is ${language}`);
  return {
    ...common,
    language: tests.kind === 'pytest' ? 'pytest' : language,
    code: joined(code, tests.code),
    cases: [{ stdin: null, expected: null }],
  };
}

function idOf(row: Row, line: number): string {
  const found = row.first('id', 'task_id', 'problem_id', 'question_id', 'name');
  return typeof found?.value === 'string' || typeof found?.value === 'number'
    ? String(found.value)
    : `line ${line}`;
}

/** The names that data sets use beside SandboxFusion's. */
const ALIASES: Readonly<Record<string, Language>> = {
  ...{ py: 'python', python3: 'python', py3: 'python', 'c++': 'cpp', cpp17: 'cpp', cxx: 'cpp' },
  ...{ javascript: 'nodejs', js: 'nodejs', golang: 'go', ts: 'typescript', sh: 'bash', 'c#': 'csharp' },
};

function languageOf(row: Row, otherwise: Language): Language | undefined {
  const named = row.text('language', 'lang');
  if (named === undefined) return otherwise;
  const known = LANGUAGES.find((language) => language === named) ?? ALIASES[named.toLowerCase()];
  return (
    known ??
    LANGUAGES.find((each) => each === named.toLowerCase()) ??
    row.mistake(`there is no language '${named}'`)
  );
}
