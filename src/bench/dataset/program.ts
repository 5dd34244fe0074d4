import { isObject } from '../../text/json-object.js';
import { kindOf, type Row } from './row.js';

/** The code of a line, with what the data set keeps apart that must stand before it. */
export function codeOf(row: Row): string | undefined {
  const whole = row.text('code', 'solution', 'program');
  if (whole !== undefined) return whole;
  // HumanEval and LeetCodeDataset: what completes the prompt.
  const completion = row.text('completion', 'canonical_solution');
  if (completion !== undefined) return joined(row.fields.prompt, completion);
  // APPS and TACO: the first of several, in some copies as JSON in a text.
  const found = row.first('solutions');
  if (found !== undefined) {
    const list = row.list('solutions', found.value);
    const first = list?.[0];
    if (list === undefined || typeof first === 'string') return first as string | undefined;
    if (list.length === 0) return row.mistake('solutions is empty');
    return row.mistake(`solutions has ${kindOf(first)} where code should be`);
  }
  // Reasoning360's files for verl.
  const extra = isObject(row.fields.extra_info) ? row.fields.extra_info : {};
  if (typeof extra.reference === 'string') return joined(extra.prefix, extra.reference);
  if (row.mistakes.length > 0) return undefined;
  return row.mistake(
    'no code: none of code, solution, program, completion, canonical_solution, solutions, extra_info.reference',
  );
}

export function joined(first: unknown, second: string): string {
  if (typeof first !== 'string' || first === '') return second;
  return `${first}${first.endsWith('\n') ? '' : '\n'}${second}`;
}
