import { accessSync, constants } from 'node:fs';
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';

const { REAL_ENROOT = '', REAL_PYXIS = '' } = process.env;
refuseWhatIsNotThere('REAL_ENROOT', REAL_ENROOT, 'enroot');
if (REAL_PYXIS !== '') refuseWhatIsNotThere('REAL_PYXIS', REAL_PYXIS, 'spank_pyxis.so');

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
    globalSetup: 'test/support/prepare.ts',
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    fileParallelism: false,
  },
});

function refuseWhatIsNotThere(variable: string, path: string, name: string): void {
  const example = `${variable}=/PATH/TO/${name} npm run test:real`;
  if (path === '') throw new Error(`${variable} names no ${name}: ${example}`);
  if (basename(path) !== name) throw new Error(`${variable}=${path} is no ${name}: ${example}`);
  accessSync(path, constants.R_OK);
}
