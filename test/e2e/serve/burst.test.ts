/** @module-tag matrix */
import { expect, test } from 'vitest';
import { serveCli } from './server.js';

test('a hundred programs of 0.15 s at once on two slots all get answers within a client timeout of 22 s', async () => {
  const served = await serveCli(['--max-concurrency', '2']);
  const code = 'import time\ntime.sleep(0.15)\nn = int(input())\nprint(n * n)';
  const program = { language: 'python', code, stdin: '7', run_timeout: 20 };
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const answer = await served.post(program, { signal: AbortSignal.timeout(22_000) });
      return [
        answer.status,
        ((await answer.json()) as { run_result?: { stdout: string } }).run_result?.stdout,
      ];
    }),
  );
  for (const answer of answers) expect(answer).toEqual([200, '49\n']);
  await served.stop();
});
