import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { judgeHead } from '../../src/image/verify.js';
import { newPerson, type Person } from '../cluster/standins/person.js';
import { eventually, processesOf } from '../image/fixture.js';
import { IMAGE, type Site, start, startSite } from '../image/imports.js';

// Several clusters on two cores: slow is no failure.
vi.setConfig({ testTimeout: 240_000 });

let site: Site;
let person: Person;
beforeAll(async () => {
  // Large enough that each phase takes a while.
  site = await startSite({ faults: [] }, 6_000_000);
  person = await newPerson();
});
afterAll(async () => {
  await site?.down();
  await person?.forget();
});

const naive = (file: string) =>
  person.start(['enroot', 'import', '-o', file, `docker://${site.registry.host}#${IMAGE}`]);

test('fact 6: killed alone, enroot leaves orphans that go on and finish the file later', async () => {
  const file = join(person.home, 'orphaned.sqsh');
  const orphaned = naive(file);
  await orphaned.says('Extracting image layers');
  orphaned.kill('SIGTERM', 'alone');
  expect(await orphaned.ended).toMatchObject({ signal: 'SIGTERM' });
  await eventually(async () => (await stat(file).catch(() => ({ size: 0 }))).size > 0);
  await eventually(async () => (await processesOf(file)).length === 0);
  expect(await judgeHead(file)).toBeUndefined();

  const { asked, images } = await site.place('fact6');
  const stopped = start(asked);
  await stopped.line(/Extracting/);
  process.kill(stopped.pid, 'SIGTERM');
  expect((await stopped.ended).code).toBe(143);
  expect(await processesOf(images)).toEqual([]);
  expect(await readdir(images)).toEqual([]);
});
