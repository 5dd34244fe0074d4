import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sweepRun } from './leftovers.js';
import { MADE } from './paths.js';
import { identity, lives, processesNaming } from './processes.js';

test('what a killed run left goes: its processes, and its folders wherever they lie', async () => {
  // No process has this id.
  const run = `4194305.${process.pid}`;
  const places = ['/tmp', '/var/tmp'].map((place) => join(place, `${MADE}${run}`));
  for (const place of places) await mkdir(join(place, 'deep'), { recursive: true });
  if (process.getuid?.() === 0) await chown(places[1] ?? '', 61_000, 61_000);
  const env = { PATH: process.env.PATH, TMPDIR: places[0] };
  await promisify(execFile)('sh', ['-c', 'setsid sleep 600 >/dev/null 2>&1 &'], { env });
  expect(processesNaming(`${MADE}${run}`).size).toBe(1);
  await sweepRun(run);
  expect(processesNaming(`${MADE}${run}`).size).toBe(0);
  expect(places.filter((place) => existsSync(place))).toEqual([]);
});

test('a process is known by its id and its beginning', () => {
  const own = identity(process.pid);
  expect([own, `${process.pid}.1`, '4194305.1', '4194305.'].map(lives)).toEqual([true, false, false, false]);
});
