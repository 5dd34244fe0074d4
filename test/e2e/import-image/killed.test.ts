import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../../../src/errors.js';
import { recordOf } from '../../../src/image/sidecar.js';
import { judgeHead } from '../../../src/image/verify.js';
import { eventually, idsOf, processesOf } from '../../image/fixture.js';
import { inParts } from '../../support/parts.js';
import { heldSquashfs } from './held-squashfs.js';
import { call, type Place, type Site, start, startSite } from './imports.js';

let site: Site;

beforeAll(async () => {
  // Large enough that each phase takes a while, so that kills fall into the middle of it.
  site = await startSite({ faults: [] }, 4_000_000);
});
afterAll(() => site.down());

const FINAL = ['varad0309+code_sandbox+server.sqsh', 'varad0309+code_sandbox+server.sqsh.json'];
const PHASES = [
  /Asking the registry/,
  /Querying registry/,
  /Fetching image manifest list/,
  /Downloading/,
  /Extracting/,
  /Converting/,
  /Creating squashfs/,
  /Listing/,
  /Verifying/,
];

/** Nothing that an import left: beside the image, where layers are unpacked, or among the processes. */
async function nothingLeft(place: Place): Promise<boolean> {
  const beside = (await readdir(place.images)).filter((name) => name.startsWith('.'));
  const temps = await readdir(join(site.folder, 'tmp'));
  return beside.length === 0 && temps.length === 0 && (await processesOf(place.images)).length === 0;
}

describe('after SIGKILL the next import-image succeeds and leaves nothing over:', () => {
  for (const { rows, tags } of inParts(PHASES.map((phase) => [phase.source, phase] as const)))
    it.each(rows)('at %s', { tags }, async (name, phase) => {
      const place = await site.place(`kill-${name.replaceAll(/\W/g, '-')}`);
      const victim = start(place.asked);
      await victim.line(phase);
      process.kill(victim.pid, 'SIGKILL');
      await victim.ended;
      // Whatever stands at the final path now is an image that may be used.
      if ((await readdir(place.images)).includes(FINAL[0] ?? '')) {
        expect(await judgeHead(place.image)).toBeUndefined();
        expect(await recordOf(place.image)).not.toBeNull();
      }
      expect(await call(place.asked)).toMatchObject({ error: undefined, stdout: `${place.image}\n` });
      expect((await readdir(place.images)).sort()).toEqual(FINAL);
      expect(await recordOf(place.image)).toMatchObject({ digest: site.digest });
      await eventually(() => nothingLeft(place));
    });

  it('of its whole process tree while enroot writes the squashfs', { tags: 'matrix' }, async () => {
    const held = await heldSquashfs();
    const place = await site.place('kill-all', { PATH: `${held.bin}:${site.env.PATH}` });
    const victim = start(place.asked);
    await held.reached();
    // Stopped first: who sees another die before its own end would clean up.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      process.kill(victim.pid, signal);
      for (const pid of await idsOf(`SANDBOXCTL_JOB_OUT=${place.images}`)) tryToKill(pid, signal);
    }
    await victim.ended;
    expect(await readdir(join(site.folder, 'tmp'))).toHaveLength(1);
    await held.release();
    expect((await call(place.asked)).error).toBeUndefined();
    expect((await readdir(place.images)).sort()).toEqual(FINAL);
    await eventually(() => nothingLeft(place));
  });

  it('and without a next run its processes end by themselves', { tags: 'matrix' }, async () => {
    const place = await site.place('kill-alone');
    site.registry.fail([{ match: /blobs/, damage: 'stall' }]);
    const victim = start(place.asked);
    await victim.line(/Fetching image manifest$/);
    expect((await processesOf(place.images)).length).toBeGreaterThan(1);
    process.kill(victim.pid, 'SIGKILL');
    await victim.ended;
    site.registry.fail([]);
    await eventually(async () => (await processesOf(place.images)).length === 0);
    await eventually(async () => (await readdir(join(site.folder, 'tmp'))).length === 0);
  });
});

describe("the caller's signals end everything", () => {
  it.each([
    ['SIGINT', 130, /Downloading/],
    ['SIGTERM', 143, /Extracting/],
    ['SIGINT', 130, /Creating squashfs/],
    ['SIGHUP', 143, /Asking/],
  ] as const)('%s ends with %i at %s', { tags: 'matrix' }, async (signal, code, phase) => {
    const held = await heldSquashfs();
    const env = { PATH: `${held.bin}:${site.env.PATH}` };
    const place = await site.place(`signal-${signal}-${phase.source.replaceAll(/\W/g, '-')}`, env);
    const caller = start(place.asked);
    await caller.line(phase);
    process.kill(caller.pid, signal);
    expect(await caller.ended).toMatchObject({ code, stdout: '' });
    // A shell that is interrupted while its child ends well goes on: then it takes a SIGKILL and the reaper.
    await eventually(() => nothingLeft(place));
    expect(await readdir(place.images)).toEqual([]);
  });
});

for (const { rows, tags } of inParts(['SIGINT', 'SIGTERM'] as const))
  it.each(rows)(
    '%s ends also what enroot started in a group of its own, as it loads layers',
    { tags },
    async (signal) => {
      const bin = join(site.folder, `bin-${signal}`);
      await mkdir(bin);
      const script = `#!/bin/bash\nif [ "$1" = import ]; then\n  set -m\n  sleep 300 >/dev/null 2>&1 &\n  set +m\nfi\nPATH=\${PATH#*:} exec enroot "$@"\n`;
      await writeFile(join(bin, 'enroot'), script, { mode: 0o755 });
      const place = await site.place(`group-${signal}`, { PATH: `${bin}:${site.env.PATH}` });
      const caller = start(place.asked);
      await caller.line(/Extracting/);
      expect((await processesOf(place.images)).filter((line) => line.startsWith('sleep 300'))).toHaveLength(
        1,
      );
      process.kill(caller.pid, signal);
      await caller.ended;
      await eventually(() => nothingLeft(place));
    },
  );

/** A process may end between being found and being signalled. */
function tryToKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
