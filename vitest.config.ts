import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';

type Suite = NonNullable<ViteUserConfig['test']>;

const isRoot = process.getuid?.() === 0;
const { leftOutAsRoot, leftOutWithoutRoot } = await import('./test/support/needs.js');
const leftOut = isRoot ? leftOutAsRoot() : leftOutWithoutRoot();
const { REAL_PYXIS = '' } = process.env;

const common: Suite = {
  exclude: [...configDefaults.exclude, ...leftOut.map(({ file }) => file)],
  globalSetup: 'test/support/prepare.ts',
  // Only what hangs takes as long: tests wait for conditions, and the machine may be busy.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  teardownTimeout: 300_000,
  expect: { poll: { timeout: 180_000 } },
  pool: 'forks',
  // A process for each file costs 0.6 s of CPU time; what a file changes in its process it also undoes.
  isolate: false,
  // Whatever the machine has: these tests run on the stand-ins of enroot and pyxis.
  env: { REAL_ENROOT: '', REAL_PYXIS: '' },
  // Most tests wait for Slurm: half of two cores stood idle with two at once. Vitest's own default is cores - 1.
  maxWorkers: 3,
};

/** Tests with one of these tags take too long for `npm test` (docs/decisions/0009-test-suites.md). */
const tags = [
  { name: 'matrix', description: 'another row of a table: one more option, language, isolation or failure' },
  {
    name: 'contract',
    description: 'one more way in which enroot and pyxis behave; their refusals are untagged',
  },
  { name: 'security', description: 'one more attack on a wall, or another wall' },
];

/** By the name that `vitest --mode` gives; CONTRIBUTING.md says what each is for. */
const suites: Readonly<Record<string, Suite>> = {
  test: { ...common, include: ['test/**/*.test.ts'] },
  /** Kills at every point, thousands of runs, hours of load. */
  chaos: { ...common, include: ['test/**/*.chaos.ts'], testTimeout: 3_600_000, fileParallelism: false },
  /** Every language that Debian has tools for: several hundred megabytes, which it installs. */
  languages: {
    include: ['test/**/*.languages.ts'],
    testTimeout: 120_000,
    hookTimeout: 1_800_000,
    pool: 'forks',
  },
  /** What needs Debian's chromium, which it installs. */
  browser: { include: ['test/**/*.browser.ts'], testTimeout: 60_000, hookTimeout: 600_000, pool: 'forks' },
  /** The tests that say how we use enroot and pyxis, on the real tools that the environment names. */
  real: {
    ...common,
    include: [
      'test/contract/enroot/*.test.ts',
      // And what sandboxctl makes of them.
      'test/e2e/import-image/{import,broken,killed,login,together,job}.test.ts',
      'test/e2e/deploy/runtimes/enroot.test.ts',
      ...(REAL_PYXIS === ''
        ? []
        : ['test/contract/pyxis/*.test.ts', 'test/e2e/deploy/{deploy,failures}.test.ts']),
    ],
    globalSetup: ['test/support/real-tools.ts', 'test/support/prepare.ts'],
    // No stand-in passes for a real tool here, whatever becomes of the two variables on the way.
    env: { SANDBOXCTL_TEST_REAL: '1' },
    fileParallelism: false,
  },
};

export default defineConfig(({ mode }) => {
  // Vite's own modes, by which knip asks.
  const test = suites[/^(development|production)$/.test(mode) ? 'test' : mode];
  if (test === undefined) throw new Error(`no suite '${mode}': ${Object.keys(suites).join(', ')}`);
  return { test: { ...test, tags } };
});
