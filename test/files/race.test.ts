import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from './folder.js';
import { collisions } from './journal.js';
import { type Program, startProgram } from './processes.js';

async function inside(journal: string): Promise<string | undefined> {
  const last = (await readFile(journal, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
  return /^in (\d+)$/.exec(last)?.[1];
}

it('twelve processes that race for one lock are never two inside, though holders are killed', async () => {
  const folder = await testFolder();
  const [path, journal] = [join(folder, 'lock'), join(folder, 'journal')];
  await writeFile(journal, '');
  const racers = new Map<string, Program>();
  for (let i = 0; i < 12; i++) {
    const racer = startProgram('racer', [path, journal, '40']);
    racers.set(String(racer.pid), racer);
  }
  // Half of them are killed inside, so that the others break locks all the time.
  let left = 6;
  while (left > 0) {
    const victim = racers.get((await inside(journal)) ?? '');
    if (victim === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    await appendFile(journal, `killing ${victim.pid}\n`);
    victim.signal('SIGKILL');
    await victim.ended;
    racers.delete(String(victim.pid));
    left -= 1;
  }
  const ends = await Promise.all([...racers.values()].map((racer) => racer.ended));
  expect(ends.every(({ code }) => code === 0)).toBe(true);
  const text = await readFile(journal, 'utf8');
  expect(collisions(text)).toEqual([]);
  expect(text.match(/^out/gm)?.length).toBeGreaterThanOrEqual(6 * 40);
  expect(await readdir(folder)).toEqual(['journal']);
});
