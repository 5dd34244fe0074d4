/** @module-tag matrix */
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layersAsked, type Site, type Started, start, startSite } from './imports.js';

let site: Site;
beforeAll(async () => {
  // Large enough that the second one comes while the first is at work.
  site = await startSite({ faults: [] }, 20_000_000);
});
afterAll(() => site.down());

/** Which of two waits for the other, and its line. */
async function whoWaits(a: Started, b: Started): Promise<{ worker: Started; waiter: Started; line: string }> {
  const seen = (worker: Started, waiter: Started) =>
    waiter.line(/^Waiting/).then((line) => ({ worker, waiter, line }));
  return Promise.any([seen(a, b), seen(b, a)]);
}

it('two imports of one image at once run enroot once, and the waiting one names the other', async () => {
  const { asked, images, image } = await site.place('two');
  const { worker, waiter, line } = await whoWaits(start(asked), start(asked));
  expect(line).toMatch(
    /^Waiting for import of varad0309\/code_sandbox:server by \S+, pid \d+ on \S+, since 20/,
  );
  expect(line).toContain(`pid ${worker.pid} `);
  const [worked, waited] = await Promise.all([worker.ended, waiter.ended]);
  expect([worked.code, worked.stdout, waited.code, waited.stdout]).toEqual([
    0,
    `${image}\n`,
    0,
    `${image}\n`,
  ]);
  expect(worked.stderr).toContain('Creating squashfs');
  expect(waited.stderr).not.toContain('Creating squashfs');
  expect(waited.stderr).toContain('is unchanged');
  // Two layers and the configuration, each once.
  expect(layersAsked(site.registry)).toBe(3);
  expect(await readdir(images)).toHaveLength(2);
});

it('a waiting import ends at once on a signal', async () => {
  const { asked } = await site.place('impatient');
  const { worker, waiter } = await whoWaits(start(asked), start(asked));
  process.kill(waiter.pid, 'SIGINT');
  expect((await waiter.ended).code).toBe(130);
  expect((await worker.ended).code).toBe(0);
});
