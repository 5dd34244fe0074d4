import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTemplate } from '../../src/control/templates.js';
import { madeIn } from '../support/paths.js';
import { JOB_ENV, runHead } from './bash.js';
import { PATHS, render } from './specs.js';

const template = await loadTemplate(null, 'enroot', 'slurm');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(madeIn('/var/tmp', 'enroot'));
  mkdirSync(join(folder, 'state'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('enroot is told all that a site or a user may have set otherwise, and nothing is left of it', () => {
  const state = { registrations: join(folder, 'state'), submission: join(folder, 'state') };
  const script = render({ job: { runtime: 'enroot' } }, { template, paths: { ...PATHS, ...state } });
  const room = mkdtempSync(join(folder, 'disk-'));
  const env = { ...JOB_ENV, TMPDIR: room, ENROOT_MOUNT_HOME: 'yes', ENROOT_DATA_PATH: '/shared' };
  const answers = runHead(
    script,
    `enroot() {
       [[ $* == *' true' ]] && return 1 # the look for fuse
       echo "\${*:1:4}" >>"$ANSWERS"
       [[ $1 != start ]] || env | grep ^ENROOT_ | sort >>"$ANSWERS"
     }
     start_server; wait "$SERVER"
     end_runtime`,
    env,
  );
  const own = String.raw`${room}/sandboxctl-enroot\.\d+\.node4\.1004_3\.\w{6}`;
  expect(answers.trim().split('\n')).toEqual([
    'create --name sandboxctl-1004_3 /images/sandbox.sqsh',
    'start --env SANDBOXCTL_JOB_SETUP sandboxctl-1004_3',
    expect.stringMatching(`^ENROOT_CACHE_PATH=${own}/cache$`),
    expect.stringMatching(`^ENROOT_DATA_PATH=${own}/data$`),
    'ENROOT_MOUNT_HOME=no',
    'ENROOT_REMAP_ROOT=no',
    'ENROOT_ROOTFS_WRITABLE=no',
    expect.stringMatching(`^ENROOT_RUNTIME_PATH=${own}/run$`),
    expect.stringMatching(`^ENROOT_TEMP_PATH=${own}$`),
    'ENROOT_UNSHARE_NET=no',
  ]);
  expect(readdirSync(room)).toEqual([]);
});
