/** @module-tag matrix */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeHead } from '../../../src/image/verify.js';
import { newOrdinaryUser, type OrdinaryUser } from '../../cluster/ordinary-user.js';
import { eventually, processesOf } from '../../image/fixture.js';
import { type HeldSquashfs, heldSquashfs } from '../import-image/held-squashfs.js';
import { call, IMAGE, type Site, start, startSite } from '../import-image/imports.js';

let site: Site;
let person: OrdinaryUser;
beforeAll(async () => {
  site = await startSite();
  person = await newOrdinaryUser();
});
afterAll(async () => {
  await site?.down();
  await person?.forget();
});

const naive = (file: string, { bin }: HeldSquashfs) =>
  person.start(['enroot', 'import', '-o', file, `docker://${site.registry.host}#${IMAGE}`], {
    PATH: `${bin}:${site.env.PATH}`,
  });
const ours = (name: string, { bin }: HeldSquashfs) => site.place(name, { PATH: `${bin}:${site.env.PATH}` });

test('fact 5: enroot writes in place, and what a killed import left stops the next one', async () => {
  const file = join(person.home, 'killed.sqsh');
  const hold = await heldSquashfs();
  const killed = naive(file, hold);
  await hold.reached();
  killed.kill('SIGKILL', 'group');
  await killed.ended;
  expect(await judgeHead(file)).toBeDefined();
  const again = await naive(file, hold).ended;
  expect(again.code).toBe(1);
  expect(again.stderr).toContain(`[ERROR] File already exists: ${file}`);

  const held = await heldSquashfs();
  const { asked, image, images } = await ours('fact5', held);
  const victim = start(asked);
  await held.reached();
  expect(existsSync(image)).toBe(false);
  process.kill(victim.pid, 'SIGKILL');
  await victim.ended;
  await held.release();
  expect((await call(asked)).stdout).toBe(`${image}\n`);
  expect(await judgeHead(image)).toBeUndefined();
  expect(await readdir(images)).toHaveLength(2);
});

test('fact 6: enroot killed alone leaves orphans that finish the file later', async () => {
  const file = join(person.home, 'orphaned.sqsh');
  const hold = await heldSquashfs();
  const orphaned = naive(file, hold);
  await hold.reached();
  orphaned.kill('SIGTERM', 'alone');
  expect(await orphaned.ended).toMatchObject({ signal: 'SIGTERM' });
  await hold.release();
  await eventually(async () => (await processesOf(file)).length === 0);
  expect(await judgeHead(file)).toBeUndefined();

  const held = await heldSquashfs();
  const { asked, images } = await ours('fact6', held);
  const stopped = start(asked);
  await held.reached();
  process.kill(stopped.pid, 'SIGTERM');
  expect((await stopped.ended).code).toBe(143);
  expect(await processesOf(images)).toEqual([]);
  expect(await readdir(images)).toEqual([]);
});
