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

/** A pipe gets whole lines, which can be searched. */
export function widthOf({ isTTY, columns }: Pick<Output, 'isTTY' | 'columns'>): number {
  return isTTY && columns > 0 ? columns : Number.POSITIVE_INFINITY;
}

/** One line for each check; what is wrong, why it matters and what mends it below its check. */
export function screenLines(examined: readonly Examined[], width: number): string[] {
  const lines: string[] = [];
  let group: Group | undefined;
  for (const { check, judgement } of examined) {
    if (check.group !== group) {
      lines.push(...(group === undefined ? [] : ['']), GROUPS[check.group]);
      group = check.group;
    }
    if (judgement.state !== 'found') lines.push(...row(width, judgement.state, check, judgement.line));
    else lines.push(...judgement.findings.flatMap((each) => findingLines(width, check, each)));
  }
  return [...lines, '', summary(examined)];
}

function findingLines(
  width: number,
  check: Check,
  { severity, cause, words, matters, hint }: Finding,
): string[] {
  return [
    ...row(width, severity, check, cause),
    ...words.split('\n').flatMap((line) => (line === '' ? [] : below(width, '', line))),
    ...below(width, 'why: ', matters),
    ...below(width, 'fix: ', hint),
  ];
}

const hasRoom = (width: number) => width - INDENT - TITLE - 2 >= MIN_TEXT;

function row(width: number, state: State, { title }: Check, text: string): string[] {
  const head = `  ${WORDS[state].padEnd(WORD)}  `;
  if (!hasRoom(width)) return [`${head}${title}`, ...below(width, '', text)];
  const [first = '', ...others] = below(width, '', text);
  return [`${head}${title.padEnd(TITLE)}  ${first.trimStart()}`, ...others];
}

function below(width: number, label: string, text: string): string[] {
  const indent = hasRoom(width) ? INDENT + TITLE + 2 : INDENT;
  const blank = ' '.repeat(label.length);
  return wrap(text, width - indent - label.length).map(
    (line, at) => `${' '.repeat(indent)}${at === 0 ? label : blank}${line}`,
  );
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
