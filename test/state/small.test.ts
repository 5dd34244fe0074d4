import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { FleetEvent } from '../../src/fleet/events.js';
import { removeEnded } from '../../src/state/remove-ended.js';
import { fleetStore, type SubmissionRecord } from '../../src/state/store.js';
import { folder } from '../endpoints/folder.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-06-01T00:00:00Z');

async function store() {
  const fleet = fleetStore(folder(), 'sandbox');
  await fleet.prepare();
  return fleet;
}

it('the events of a fleet stay within two files, and none is lost at the seam', async () => {
  const { appendEvents, folders } = await store();
  const event = (number: number): FleetEvent => ({
    ...{ schema_version: 1, time: new Date(NOW).toISOString(), fleet: 'sandbox', type: 'warning' },
    ...{ reason: 'x'.repeat(900), data: { number } },
  });
  for (let batch = 0; batch < 100; batch++)
    await appendEvents(Array.from({ length: 200 }, (_, at) => event(batch * 200 + at)));
  const sizes = await Promise.all(
    [folders.events, `${folders.events}.1`].map(async (path) => (await stat(path)).size),
  );
  for (const size of sizes) expect(size).toBeLessThan(5 * 2 ** 20);
  const numbers = async (path: string) =>
    (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { data: { number: number } }).data.number);
  const all = [...(await numbers(`${folders.events}.1`)), ...(await numbers(folders.events))];
  expect(all.at(-1)).toBe(19_999);
  const [first = 0] = all;
  expect(all).toEqual(all.map((_, at) => first + at));
});

it('what ended a week ago is forgotten; what is open, or ended yesterday, is not', async () => {
  const fleet = await store();
  const record = (id: string, jobId: string, ageDays: number, closed: boolean): SubmissionRecord => ({
    ...{
      schema_version: 1,
      id,
      generation: 1,
      array: '0',
      hash: 'h',
      offset: 0,
      instances: [0],
      jobId,
      closed,
    },
    createdAt: new Date(NOW - ageDays * DAY_MS).toISOString(),
  });
  await fleet.writeSubmission(record('old', '1', 9, true));
  await fleet.writeSubmission(record('yesterday', '2', 1, true));
  await fleet.writeSubmission(record('open', '3', 30, false));
  for (const [jobId, age] of [
    ['1_0', 9],
    ['2_0', 1],
    ['3_0', 30],
  ] as const) {
    const path = `${fleet.folders.registrations}/${jobId}.json`;
    await writeFile(path, '{}');
    await utimes(path, (NOW - age * DAY_MS) / 1000, (NOW - age * DAY_MS) / 1000);
  }
  await fleet.writeKeeperScript('old', '');
  await utimes(fleet.folders.keeperScript('old'), NOW / 1000 - 9 * 86_400, NOW / 1000 - 9 * 86_400);
  await fleet.writeKeeperScript('new', '');
  await removeEnded(fleet, NOW);
  expect(await readdir(fleet.folders.keeperScripts)).toEqual(['new.sbatch']);
  expect((await readdir(fleet.folders.submissions)).sort()).toEqual(['open', 'yesterday']);
  expect((await readdir(fleet.folders.registrations)).sort()).toEqual(['2_0.json', '3_0.json']);
});
