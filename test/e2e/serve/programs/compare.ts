import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedCli, serveCli } from '../server.js';
import type { ProgramCase, Subject } from './case.js';
import { PLAIN_PATH, runPlainly } from './plain.js';
import { runSandboxed } from './sandboxed.js';

/** Runs each program plainly and on one server, and compares the whole answers. The first of a subject has no tag. */
export function comparePrograms(isolation: string, subjects: readonly (readonly [string, Subject])[]): void {
  describe(`isolation ${isolation}: a program does what it does under a plain shell`, () => {
    let served: ServedCli;
    beforeAll(async () => {
      const args = ['--isolation', isolation, '--max-concurrency', '2'];
      served = await serveCli(args, { env: { PATH: PLAIN_PATH } });
    });
    afterAll(async () => {
      await served?.stop();
    });

    describe.each(subjects)('%s', (_, [first, ...others]) => {
      if (first !== undefined) test(first.name, () => compare(first));
      test.each(others)('$name', { tags: 'matrix' }, compare);
    });

    async function compare(program: ProgramCase): Promise<void> {
      const [plain, sandboxed] = await Promise.all([runPlainly(program), runSandboxed(served, program)]);
      expect(sandboxed).toEqual(plain);
    }
  });
}
