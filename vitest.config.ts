import { configDefaults, defineConfig } from 'vitest/config';

const isRoot = process.getuid?.() === 0;
const leftOut = isRoot ? [] : (await import('./test/support/needs.js')).leftOutWithoutRoot();

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOut.map(({ file }) => file)],
    globalSetup: 'test/support/prepare.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Whatever the machine has: these tests run on the stand-ins of enroot and pyxis.
    env: { REAL_ENROOT: '', REAL_PYXIS: '' },
    // Most tests wait for Slurm: half of two cores stood idle with two at once. Vitest's own default is cores - 1.
    maxWorkers: 3,
    // Real daemons on a busy machine: what fails once and then passes is reported as flaky, not hidden.
    retry: process.env.CI === 'true' ? 1 : 0,
  },
});
