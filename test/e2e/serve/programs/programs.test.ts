import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedCli, serveCli } from '../server.js';
import { PLAIN_PATH, runPlainly } from './plain.js';
import { runSandboxed } from './sandboxed.js';
import { SUBJECTS } from './subjects.js';

describe('a program does what it does under a plain shell', () => {
  let served: ServedCli;
  beforeAll(async () => {
    served = await serveCli(['--max-concurrency', '2'], { env: { PATH: PLAIN_PATH } });
  });
  afterAll(async () => {
    await served?.stop();
  });

  describe.each(Object.entries(SUBJECTS))('%s', (_, [first, ...others]) => {
    if (first !== undefined) test(first.name, () => compare(first));
    test.each(others)('$name', { tags: 'matrix' }, compare);
  });

  async function compare(program: Parameters<typeof runPlainly>[0]): Promise<void> {
    const [plain, sandboxed] = await Promise.all([runPlainly(program), runSandboxed(served, program)]);
    expect(sandboxed).toEqual(plain);
  }
});
