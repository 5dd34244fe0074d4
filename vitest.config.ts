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
  },
});
