import { configDefaults, defineConfig } from 'vitest/config';

const isRoot = process.getuid?.() === 0;
const leftOut = isRoot ? [] : (await import('./test/support/needs.js')).leftOutWithoutRoot();

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOut.map(({ file }) => file)],
    globalSetup: 'test/support/prepare.ts',
    // Only what hangs takes as long: tests wait for conditions, and the machine may be busy.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 300_000,
    expect: { poll: { timeout: 180_000 } },
    pool: 'forks',
    // Whatever the machine has: these tests run on the stand-ins of enroot and pyxis.
    env: { REAL_ENROOT: '', REAL_PYXIS: '' },
    // Most tests wait for Slurm: half of two cores stood idle with two at once. Vitest's own default is cores - 1.
    maxWorkers: 3,
  },
});
