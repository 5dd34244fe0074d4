import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePackages } from '../../../cluster/image/tools.js';
import { until } from '../../../support/until.js';
import { asUser, newUser } from '../as-root.js';
import { type ServedCli, serveCli } from '../server.js';
import { NUMPY } from './numpy.js';
import { PLAIN_PATH } from './plain.js';
import { runSandboxed } from './sandboxed.js';

// The one for /usr/bin/python3, and products of matrices that use threads.
await ensurePackages(['bubblewrap', 'python3-numpy', 'libopenblas0-pthread']);

/** Whether it was there before the program. */
const PRELOADED = `maps = open("/proc/self/maps").read()
import numpy
print("_multiarray_umath" in maps, "openblas" in maps)`;
const RANDOM = `import numpy as np
print(np.random.random(), np.random.default_rng().random(), np.random.RandomState().random())`;

describe.each([
  ['root', []],
  ['a user', asUser(newUser())],
])('numpy that was imported before the program does what a fresh one does, as %s', (_, before) => {
  let cold: ServedCli;
  let warm: ServedCli;
  beforeAll(async () => {
    const serve = (...args: string[]) =>
      serveCli(['--max-concurrency', '2', ...args], { before, env: { PATH: PLAIN_PATH } });
    [cold, warm] = await Promise.all([serve('--warm', 'off'), serve('--warm', 'on', '--preload', 'numpy')]);
    const shown = async (server: ServedCli) =>
      (await server.run({ language: 'python', code: PRELOADED })).run_result?.stdout;
    expect(await shown(cold)).toBe('False False\n');
    await until('a zygote has imported it', async () => (await shown(warm)) === 'True True\n');
  });
  afterAll(async () => {
    await Promise.all([cold?.stop(), warm?.stop()]);
  });

  test.each(NUMPY)('$name', async (program) => {
    const [fresh, forked] = await Promise.all([runSandboxed(cold, program), runSandboxed(warm, program)]);
    expect(forked).toEqual(fresh);
  });

  test('random numbers without a seed differ in each run', async () => {
    const drawn = async () => (await warm.run({ language: 'python', code: RANDOM })).run_result?.stdout ?? '';
    const numbers = (await Promise.all(Array.from({ length: 20 }, drawn)))
      .join(' ')
      .split(/\s+/)
      .filter(Boolean);
    expect([numbers.length, new Set(numbers).size]).toEqual([60, 60]);
  });
});
