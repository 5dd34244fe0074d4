import { expect, test } from 'vitest';
import { judge } from '../../src/api/verdict.js';
import { ANSWERS } from './answers.js';

test.each(ANSWERS)('$name: $verdict', ({ answer, verdict: expected, needs }) => {
  const verdict = judge(
    'error' in answer ? answer : { ...answer, headers: lowerCase(answer.headers), body: answer.text },
  );
  if (verdict.kind === 'program') {
    const { afterMs = null, confirm = null } = verdict.doubt ?? {};
    expect([expected, needs]).toEqual([
      'program',
      [
        ...(afterMs === null ? [] : ['check']),
        ...(confirm === null ? [] : [confirm === 'too slow' ? 'second if crowded' : 'second']),
      ],
    ]);
  } else if (verdict.kind === 'infra') {
    expect([expected, needs]).toEqual([
      verdict.load ? 'load' : 'infra',
      verdict.claim === undefined ? [] : ['agreement'],
    ]);
  } else expect([expected, needs]).toEqual(['request', verdict.claim === undefined ? [] : ['agreement']]);
});

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
