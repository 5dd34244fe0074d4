import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxctl } from '../../cli/run.js';
import { processesNaming } from '../../support/processes.js';
import { until } from '../../support/until.js';
import { GPU_SITE, site } from '../init/slurm.js';

const HANGS = '#!/bin/sh\nexec sleep 600\n';

/** As where a file system, a controller and a registry are dead: whoever asks them waits. */
test('tools that hang keep doctor from nothing, and each is a finding', { tags: 'matrix' }, async () => {
  const { cwd, env, root } = site(GPU_SITE);
  const first = join(root, 'hanging');
  mkdirSync(first);
  for (const tool of ['sinfo', 'sacctmgr', 'unsquashfs', 'stat', 'python3']) {
    writeFileSync(join(first, tool), HANGS);
    chmodSync(join(first, tool), 0o755);
  }
  writeFileSync(join(first, 'scontrol'), "#!/bin/sh\necho 'Slurmctld(primary) at login is UP'\n", {
    mode: 0o755,
  });
  const image = join(cwd, 'box.sqsh');
  writeFileSync(image, 'not a squashfs');
  const path = `${first}:${env.PATH}:/usr/bin:/bin`;
  const said = await sandboxctl(['doctor', '--json', '--image', image], { cwd, env: { ...env, PATH: path } });
  expect(said.code, said.stderr).toBe(5);
  const { checks } = JSON.parse(said.stdout);
  const ids = checks.flatMap(({ findings }: { findings: { id: string }[] }) => findings.map(({ id }) => id));
  expect(ids).toContain('file-system-hangs');
  expect(ids).toContain('slurm-unreachable');
  // Each has its place on PATH in its environment.
  await until('what hung is ended', () => processesNaming(first).size === 0);
  // What does not hang is checked all the same.
  expect(checks.find(({ id }: { id: string }) => id === 'machine')).toMatchObject({ state: 'ok' });
});
