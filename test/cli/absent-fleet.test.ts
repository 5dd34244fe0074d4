import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fleetStore } from '../../src/state/store.js';
import { specOf } from '../script/specs.js';
import { cli, ended, start } from './run.js';

const state = mkdtempSync(join(tmpdir(), 'sandboxctl-absent-'));
afterAll(() => rm(state, { recursive: true }));
beforeAll(async () => {
  const store = fleetStore(state, 'train');
  await store.prepare();
  await store.writeSpec(specOf({ fleet: 'train', nodes: 0, job: { cluster: 'local' } }));
  const record = {
    schema_version: 1 as const,
    id: 'a',
    generation: 1,
    hash: 'h',
    createdAt: '',
    closed: true,
  };
  await store.writeSubmission({ ...record, jobId: '7', instances: [0], array: '0', offset: 0 });
  await writeFile(join(state, 'p.py'), 'print(1)');
});

const env = { SANDBOXCTL_STATE_DIR: state, SANDBOXCTL_CLUSTER: 'local' };
const run = (...argv: string[]) => ended(start(cli(...argv, '--fleet', 'trian'), { env, cwd: state }));

async function endsWithSeven(argv: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run(...argv);
  expect([argv, code, stdout]).toEqual([argv, 7, '']);
  expect(stderr).toContain("nothing is deployed under the name 'trian' (did you mean train?)");
}

it.each([['gc'], ['status', '--json'], ['logs', '7_0']])(
  '%s of a fleet that does not exist ends with 7 and names those that do',
  (...argv) => endsWithSeven(argv),
);

it.each([
  ...[['gc', '--yes'], ['status'], ['status', '--follow'], ['events'], ['events', '-f'], ['logs', '0']],
  ...[['endpoints'], ['endpoints', '--check'], ['endpoints', '--watch']],
  ...[['scale', '2'], ['renew'], ['keep'], ['keep', '--once'], ['gateway']],
])('so does %s', { tags: 'matrix' }, (...argv) => endsWithSeven(argv));

it('stop of a fleet that does not exist has nothing to do; a program is not run', {
  tags: 'matrix',
}, async () => {
  expect(await run('stop', '--yes')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('did you mean train?'),
  });
  for (const argv of [['run', 'p.py'], ['exec']]) {
    const rest = argv[0] === 'exec' ? ['--', 'true'] : [];
    const given = [...argv, '--fleet', 'trian', ...rest];
    const { code, stderr } = await ended(start(cli(...given), { env, cwd: state }));
    expect([argv, code, stderr]).toEqual([argv, 125, expect.stringContaining('did you mean train?')]);
  }
});
