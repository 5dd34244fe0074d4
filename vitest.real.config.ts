import { defineConfig } from 'vitest/config';

const { REAL_PYXIS = '' } = process.env;

/** The tests that say how we use enroot and pyxis, on the real tools that the environment names (CONTRIBUTING.md). */
export default defineConfig({
  test: {
    include: [
      'test/contract/enroot/*.test.ts',
      // And what sandboxctl makes of them.
      'test/image/{import,broken,killed,login,together,job}.test.ts',
      'test/runtimes/enroot.test.ts',
      ...(REAL_PYXIS === ''
        ? []
        : ['test/contract/pyxis/*.test.ts', 'test/deploy/{deploy,failures}.test.ts']),
    ],
    globalSetup: ['test/support/real-tools.ts', 'test/support/prepare.ts'],
    // No stand-in passes for a real tool here, whatever becomes of the two variables on the way.
    env: { SANDBOXCTL_TEST_REAL: '1' },
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
