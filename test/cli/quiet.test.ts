import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetStore } from '../../src/state/store.js';
import { specOf } from '../script/specs.js';
import { cli, ended, program, start } from './run.js';

/** Shows Node's warnings, with where they come from. */
const LOUD = { NODE_OPTIONS: '--trace-warnings' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandboxctl-quiet-'));
  for (let number = 0; number < 13; number++) {
    const store = fleetStore(folder, `f${number}`);
    await store.prepare();
    await store.writeSpec(specOf({ fleet: `f${number}`, nodes: number % 2, job: { cluster: 'local' } }));
  }
});
afterAll(() => rm(folder, { recursive: true }));

it('status of thirteen fleets prints no warning of Node', async () => {
  // Where there is no squeue.
  const env = { ...LOUD, SANDBOXCTL_STATE_DIR: folder, PATH: '/nonexistent' };
  const { code, stdout, stderr } = await ended(start(cli('status'), { env }));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^fleet f\d+: 0 of 1 ready/gm)).toHaveLength(6);
});

describe('messages of Node itself', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['is nothing to a user', {}, false],
    ['is shown with SANDBOXCTL_DEBUG=1', { SANDBOXCTL_DEBUG: '1' }, true],
    ["is shown with Node's own option", LOUD, true],
  ])('%s', async (_, env, shown) => {
    const { code, stderr } = await ended(start(program('end', 'warns'), { env }));
    expect(code).toBe(0);
    expect(stderr.includes('old ways')).toBe(shown);
    if (!shown) expect(stderr).toBe('');
  });
});
