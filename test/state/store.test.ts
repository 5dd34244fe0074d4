import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyTarget, specLine } from '../../src/fleet/spec.js';
import { listFleets } from '../../src/state/fleets.js';
import { fleetStore, type SubmissionRecord } from '../../src/state/store.js';
import { ended, start } from '../cli/run.js';
import { folder } from '../endpoints/folder.js';
import { specOf } from '../script/specs.js';

/** Files as a full disk, an editor or another program leaves them. */
const NONE_OF_OURS = ['', '{"schema_ver', '[]', 'null', '{}', '"text"', '\u0000\u0000'];

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

describe('the store of a fleet ignores', () => {
  it.each([...NONE_OF_OURS, JSON.stringify(emptyTarget('sandbox'))])(
    'a spec.json that contains %j',
    async (text) => {
      const store = fleetStore(folder(), 'sandbox');
      await put(store.folders.spec, text);
      expect(await store.readSpec()).toBeUndefined();
    },
  );

  it('a spec of another fleet and one whose job is incomplete', async () => {
    const store = fleetStore(folder(), 'sandbox');
    const { job, ...rest } = specOf({});
    for (const text of [{ ...rest, job, fleet: 'other' }, { ...rest, job: { ...job, mounts: null } }, rest]) {
      await put(store.folders.spec, JSON.stringify(text));
      expect([await store.readSpec(), await store.specDamage()]).toEqual([undefined, expect.any(String)]);
    }
  });

  it.each(NONE_OF_OURS)('an intent.json that contains %j', async (text) => {
    const store = fleetStore(folder(), 'sandbox');
    await put(store.folders.submissionRecord('cut'), text);
    await put(join(store.folders.submissions, 'stray'), '');
    expect(await store.readSubmissions()).toEqual([]);
  });

  it('a folder whose name no fleet can have, or that no fleet has made', async () => {
    const state = folder();
    for (const name of ['sandbox', 'b-2']) await mkdir(join(state, 'fleets', name), { recursive: true });
    await mkdir(join(state, 'fleets', 'notes'));
    await put(join(state, 'fleets', 'notes', 'todo.txt'), '');
    await mkdir(join(state, 'fleets', 'c', 'registrations'), { recursive: true });
    for (const name of ['.nfs0000a1', 'README', 'Sandbox', '.snapshot', 'list']) {
      await put(join(state, 'fleets', name), '');
    }
    expect(await listFleets(state)).toEqual(['b-2', 'c', 'sandbox']);
  });
});

it("the store writes a gateway's submission with its role and the number that older versions read, and reads both", async () => {
  const store = fleetStore(folder(), 'sandbox');
  const record: SubmissionRecord = {
    ...{ schema_version: 1, id: 'a', hash: 'h', generation: 1, createdAt: '2026-01-01T00:00:00Z' },
    ...{ jobId: '7', instances: ['gateway'], array: null, offset: -1, closed: false },
  };
  await store.writeSubmission(record);
  const path = store.folders.submissionRecord('a');
  const { role, ...older } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  expect({ role, instances: older.instances }).toEqual({ role: 'gateway', instances: [-1] });
  expect(await store.readSubmissions()).toEqual([record]);
  await put(path, JSON.stringify(older));
  expect(await store.readSubmissions()).toEqual([record]);
});

it('of a missing or damaged spec.json the newest script of a submission that may have jobs is read', async () => {
  const store = fleetStore(folder(), 'sandbox');
  const submitted = async (id: string, generation: number, closed: boolean) => {
    const record = { ...{ schema_version: 1 as const, id, generation, hash: 'h', closed, createdAt: '' } };
    await store.writeSubmission({ ...record, jobId: '7', instances: [0], array: null, offset: 0 });
    await store.writeScript(id, `#!/bin/bash\n${specLine(specOf({ generation }), { id, offset: 0 })}\n`);
  };
  await submitted('a', 4, false);
  await submitted('b', 5, false);
  await submitted('c', 6, true);
  expect(await store.readSpec()).toEqual(specOf({ generation: 5 }));
  await put(store.folders.spec, '{');
  expect(await store.readSpec()).toEqual(specOf({ generation: 5 }));
});

it('a spec of a newer version is an error that names the file', async () => {
  const store = fleetStore(folder(), 'sandbox');
  await put(store.folders.spec, '{"schema_version":2}');
  await expect(store.readSpec()).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringContaining(store.folders.spec),
  });
});

it('the store reads a spec as it was written', async () => {
  const store = fleetStore(folder(), 'sandbox');
  const spec = specOf({});
  await mkdir(store.folders.folder, { recursive: true });
  await store.writeSpec(spec);
  expect(await store.readSpec()).toEqual(spec);
});

it('an event that was written in part is dropped, and damages none that follows', async () => {
  const store = fleetStore(folder(), 'sandbox');
  await store.prepare();
  const event = (reason: string) => ({
    ...{ schema_version: 1 as const, time: '2026-01-01T00:00:00Z', fleet: 'sandbox' },
    ...{ type: 'warning' as const, reason },
  });
  await store.appendEvents([event('first')]);
  const program = `
    const { fleetStore } = await import(${JSON.stringify(new URL('../../dist/state/store.js', import.meta.url).href)});
    const store = fleetStore(${JSON.stringify(dirname(dirname(store.folders.folder)))}, 'sandbox');
    await store.appendEvents([${JSON.stringify(event('x'.repeat(3_000)))}]).catch(({ code }) => console.log(code));
  `;
  const argv = [process.execPath, '--input-type=module', '-e', program];
  const told = await ended(start(['bash', '-c', 'ulimit -f 2; exec "$@"', 'bash', ...argv]));
  expect(told).toMatchObject({ stdout: 'EFBIG\n' });
  await store.appendEvents([event('last')]);
  const lines = (await readFile(store.folders.events, 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { reason: string }).reason)).toEqual(['first', 'last']);
});
