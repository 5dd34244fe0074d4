import { readFileSync } from 'node:fs';
import { inParts } from '../support/parts.js';

/** One row of `answers.json`, which the tests of every client read. */
export interface RecordedAnswer {
  name: string;
  answer: { status: number; headers: Record<string, string>; text: string } | { error: string };
  verdict: 'program' | 'infra' | 'load' | 'request';
  needs: readonly ('check' | 'second' | 'second if crowded' | 'agreement')[];
}

const { answers } = JSON.parse(readFileSync(new URL('answers.json', import.meta.url), 'utf8'));

export const ANSWERS: readonly RecordedAnswer[] = answers.map(
  ({ answer, ...row }: RecordedAnswer & { answer: { body?: unknown; text?: string } }) => ({
    ...row,
    answer: 'error' in answer ? answer : { ...answer, text: answer.text ?? JSON.stringify(answer.body) },
  }),
);

const kindOf = ({ verdict, needs }: RecordedAnswer) => `${verdict} ${needs.join()}`;

/** Whether it is the first of its kind: the others are rows of the matrix. */
const isFirst = (row: RecordedAnswer, at: number, rows: readonly RecordedAnswer[]) =>
  rows.findIndex((other) => kindOf(other) === kindOf(row)) === at;

/** Those that a server can send. */
export const SENT = ANSWERS.flatMap((row, at) =>
  'error' in row.answer ? [] : [{ ...row, answer: row.answer, isFirst: isFirst(row, at, ANSWERS) }],
);

type SentAnswer = (typeof SENT)[number];

/** One of each kind runs in `npm test`, the others in the matrix. */
export function parts(rows: readonly SentAnswer[]) {
  const first = rows.filter(({ isFirst }) => isFirst);
  return inParts([...first, ...rows.filter(({ isFirst }) => !isFirst)], first.length);
}
