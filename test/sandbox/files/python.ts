import { execFileSync } from 'node:child_process';

/** What Python prints as JSON for `input`, which it reads as JSON from stdin: one process for many cases. */
export function python<T>(script: string, input: unknown): T {
  const answer = execFileSync('python3', ['-c', script], {
    input: JSON.stringify(input),
    maxBuffer: 256 * 2 ** 20,
  });
  return JSON.parse(answer.toString()) as T;
}
