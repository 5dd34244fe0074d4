/** @module-tag matrix */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeLeftovers } from '../../src/import/leftovers.js';
import { workNames } from '../../src/import/work.js';
import { processesOf, type Scratch, scratch } from '../image/fixture.js';

let place: Scratch;
beforeAll(async () => {
  place = await scratch();
});
afterAll(() => place.remove());

it('no process is left of a dead import that starts others faster than they can be looked through', async () => {
  const target = join(place.folder, 'image.sqsh');
  const work = workNames(target);
  const temp = join(place.folder, `sandboxctl-import.${process.getuid?.()}.${work.id}.abcdef`);
  await mkdir(work.folder);
  await mkdir(temp);
  await writeFile(work.image, 'half');
  // Each child writes into the folder of layers, for some seconds.
  const child = 'for _ in $(seq 100); do echo layer >"$1/$$"; sleep 0.05; done';
  const script = `echo begun; for _ in $(seq 100); do sh -c '${child}' sh "$1" & done; wait`;
  // As enroot starts mksquashfs: nothing but a PATH, and the image among the arguments.
  const bare = spawn('sh', ['-c', 'read -r _', 'mksquashfs', 'rootfs', work.image, '-all-root'], {
    env: { PATH: process.env.PATH },
    stdio: 'pipe',
  });
  const bareEnded = once(bare, 'exit');
  const orphan = spawn('sh', ['-c', script, 'sh', temp], {
    env: { PATH: process.env.PATH, SANDBOXCTL_JOB_IMPORT: work.id },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(orphan.stdout, 'data');
  expect(await removeLeftovers(target, [place.folder], async () => undefined)).toEqual([work.id]);
  expect(await bareEnded).toEqual([null, 'SIGKILL']);
  expect(await processesOf(`SANDBOXCTL_JOB_IMPORT=${work.id}`)).toEqual([]);
  expect(await readdir(place.folder)).toEqual(['home']);
});
