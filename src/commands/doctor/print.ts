import type { Check, Group } from '../../doctor/check.js';
import type { Examined } from '../../doctor/examine.js';
import type { Finding } from '../../failures/finding.js';
import { wrap } from '../../text/wrap.js';
import type { Output } from '../context.js';

const GROUPS: Readonly<Record<Group, string>> = {
  machine: 'This machine',
  slurm: 'Slurm',
  image: 'Image',
  node: 'A compute node',
  fleet: 'Fleets',
};

type State = 'ok' | 'skipped' | 'warning' | 'error';
const WORDS: Readonly<Record<State, string>> = { ok: 'ok', skipped: '-', warning: 'WARNING', error: 'ERROR' };
/** The first two columns, and what stands before each. */
const [WORD, TITLE] = [7, 13] as const;
const INDENT = 2 + WORD + 2;
/** If there is less room beside the title, the text goes below it. */
const MIN_TEXT = 34;

/** One line for each check; what is wrong, why it matters and what mends it below its check. */
export function printExamined(output: Output, examined: readonly Examined[]): void {
  let group: Group | undefined;
  for (const { check, judgement } of examined) {
    if (check.group !== group) {
      if (group !== undefined) output.line('');
      group = check.group;
      output.line(GROUPS[group]);
    }
    if (judgement.state !== 'found') row(output, judgement.state, check, judgement.line);
    else for (const finding of judgement.findings) printFinding(output, check, finding);
  }
  output.line('');
  output.line(summary(examined));
}

function printFinding(
  output: Output,
  check: Check,
  { severity, cause, words, matters, hint }: Finding,
): void {
  row(output, severity, check, cause);
  for (const line of words.split('\n')) if (line !== '') below(output, '', line);
  below(output, 'why: ', matters);
  below(output, 'fix: ', hint);
}

function row(output: Output, state: State, { title }: Check, text: string): void {
  const head = `  ${WORDS[state].padEnd(WORD)}  `;
  const room = widthOf(output) - INDENT - TITLE - 2;
  if (room < MIN_TEXT) {
    output.line(`${head}${title}`);
    below(output, '', text);
    return;
  }
  const [first = '', ...others] = wrap(text, room);
  output.line(`${head}${title.padEnd(TITLE)}  ${first}`);
  for (const line of others) output.line(`${' '.repeat(INDENT + TITLE + 2)}${line}`);
}

function below(output: Output, label: string, text: string): void {
  const beside = widthOf(output) - INDENT - TITLE - 2 >= MIN_TEXT;
  const indent = beside ? INDENT + TITLE + 2 : INDENT;
  const lines = wrap(text, widthOf(output) - indent - label.length);
  for (const [at, line] of lines.entries()) {
    output.line(`${' '.repeat(indent)}${at === 0 ? label : ' '.repeat(label.length)}${line}`);
  }
}

/** A pipe gets whole lines, which can be searched. */
function widthOf({ isTTY, columns }: Output): number {
  return isTTY && columns > 0 ? columns : Number.POSITIVE_INFINITY;
}

function summary(examined: readonly Examined[]): string {
  const found = findingsIn(examined);
  if (found.length === 0) return 'nothing is wrong';
  const count = (severity: Finding['severity']) => found.filter((each) => each.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  return [
    ...(errors === 0 ? [] : [errors === 1 ? '1 error' : `${errors} errors`]),
    ...(warnings === 0 ? [] : [warnings === 1 ? '1 warning' : `${warnings} warnings`]),
  ].join(', ');
}

export function findingsIn(examined: readonly Examined[]): Finding[] {
  return examined.flatMap(({ judgement }) => (judgement.state === 'found' ? judgement.findings : []));
}

/** Within a schema_version keys are added, never removed or renamed. */
export function toJson(examined: readonly Examined[], on: 'here' | 'job'): string {
  const checks = examined.map(({ check: { id, group, title }, judgement }) => {
    const findings = judgement.state === 'found' ? judgement.findings : [];
    const state = findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
    return {
      ...{ id, group, title },
      state: judgement.state === 'found' ? state : judgement.state,
      text: judgement.state === 'found' ? null : judgement.line,
      findings: findings.map((each) => ({
        ...{ id: each.id, severity: each.severity, what: each.cause, why: each.matters },
        ...{ words: each.words === '' ? null : each.words, fix: each.hint },
      })),
    };
  });
  const count = (state: string) =>
    checks.flatMap(({ findings }) => findings).filter((each) => each.severity === state).length;
  const totals = { errors: count('error'), warnings: count('warning') };
  return `${JSON.stringify({ schema_version: 1, on, ...totals, checks }, null, 2)}\n`;
}
