import { expect, test } from 'vitest';
import { memoryHints } from '../../src/sandbox/languages/memory-hints.js';

const MEBIBYTE = 2 ** 20;
const LARGE = 2 ** 36;

test.each([
  ['java', 1024, { options: ['-Xmx832m'], compiler: ['-J-Xmx832m'] }],
  ['node', 1024, { env: { NODE_OPTIONS: '--max-old-space-size=832' } }],
  ['go', 1024, { env: { GOMEMLIMIT: '832MiB' } }],
  ['java', 200, { options: ['-Xmx100m'], compiler: ['-J-Xmx100m'] }],
] as const)('%s learns of %i MB', (runtime, megabytes, hints) => {
  expect(memoryHints(runtime, megabytes * MEBIBYTE, LARGE)).toEqual({
    options: [],
    compiler: [],
    env: {},
    ...hints,
  });
});

test.each(['java', 'node', undefined] as const)('%s that takes less by itself is told nothing', (runtime) => {
  expect(memoryHints(runtime, LARGE / 2, LARGE)).toEqual({ options: [], compiler: [], env: {} });
});
