import { defineConfig } from 'vitest/config';

/** What takes longer than `npm test` may; one file at a time, since each brings up a cluster. */
export default defineConfig({
  test: {
    include: ['test/**/*.chaos.ts'],
    globalSetup: 'test/support/prepare.ts',
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 180_000 } },
    pool: 'forks',
    fileParallelism: false,
  },
});
