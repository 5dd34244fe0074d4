import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServedCli, serveCli } from '../server.js';
import type { ProgramCase, Subject } from './case.js';
import type { Mode } from './modes.js';
import { PLAIN_PATH, runPlainly } from './plain.js';
import { runSandboxed } from './sandboxed.js';

/** Runs each program plainly and on one server, and compares the whole answers. The first of a subject has no tag. */
export function comparePrograms(mode: Mode, subjects: readonly (readonly [string, Subject])[]): void {
  const { name, args, before, plainly } = mode;
  describe(`${name}: a program does what it does under a plain shell`, () => {
    let served: ServedCli;
    beforeAll(async () => {
      served = await serveCli([...args, '--max-concurrency', '2'], { before, env: { PATH: PLAIN_PATH } });
      // Otherwise all of it would be a comparison of cold runs.
      if (args.includes('on')) expect(served.stderr()).toContain('programs run warm');
    });
    afterAll(async () => {
      await served?.stop();
    });

    const same = subjects.map(
      ([subject, programs]) =>
        [subject, programs.filter(({ differsIn }) => !differsIn?.some((each) => each === name))] as const,
    );
    describe.each(same.filter(([, programs]) => programs.length > 0))('%s', (_, [first, ...others]) => {
      if (first !== undefined) test(first.name, () => compare(first));
      test.each(others)('$name', { tags: 'matrix' }, compare);
    });

    async function compare(program: ProgramCase): Promise<void> {
      const [plain, sandboxed] = await Promise.all([
        runPlainly(program, plainly),
        runSandboxed(served, program),
      ]);
      expect(sandboxed).toEqual(plain);
    }
  });
}
