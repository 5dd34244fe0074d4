import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { newFacts, phaseOf, takeFact } from '../../src/failures/import/facts.js';
import { importEnvironment } from '../../src/import/environment.js';
import { importJob } from '../../src/import/job.js';
import { importScript } from '../../src/import/script.js';
import { ENROOT_SETTINGS } from '../../src/import/settings.js';
import { spaceNeeds } from '../../src/import/space.js';
import { importIdOf, workNames } from '../../src/import/work.js';
import { layersOf, pickManifest } from '../../src/registry/manifest.js';

describe('the script of an import', () => {
  it('passes shellcheck', async () => {
    expect(execFileSync('shellcheck', ['-'], { input: await importScript(), encoding: 'utf8' })).toBe('');
  });

  it('sets every setting of the table', async () => {
    const script = await importScript();
    for (const { name } of ENROOT_SETTINGS) expect(script).toContain(`choose ${name} `);
  });

  it('reports node, versions and settings as facts', () => {
    const facts = newFacts();
    const lines = [
      'node name="n1"',
      'enroot version="4.1.2"',
      'squashfs-tools version="4.5.1"',
      'listed files="12"',
      'setting name="A" value="b c" origin="sandboxctl"',
    ];
    for (const line of lines) expect(takeFact(facts, `sandboxctl: ${line}`)).toBe(true);
    expect(takeFact(facts, '[INFO] node n2')).toBe(false);
    expect(facts).toMatchObject({
      node: 'n1',
      enroot: '4.1.2',
      squashfsTools: '4.5.1',
      listed: 12,
      settings: ['A=b c (sandboxctl)'],
    });
  });

  it.each([
    ['[INFO] Downloading 4 missing layers...', 'Downloading 4 missing layers...'],
    ['[INFO] Permission granted', undefined],
    ['sandboxctl: phase name="Listing..."', 'Listing...'],
    ['srun: job 12 queued and waiting for resources', 'job 12 queued and waiting for resources'],
    ['Number of inodes 3', undefined],
  ])('shows the phase of the line: %s', (line, phase) => {
    expect(phaseOf(line)).toBe(phase);
  });
});

describe('the job of an import', () => {
  const work = workNames('/images/a.sqsh', '0123456789ab');

  it('gets partition, time and account from the flags', () => {
    const config = {
      partition: 'cpu',
      time: '1:00:00',
      account: null,
      qos: null,
      reservation: null,
      importCpus: 4,
    };
    expect(importJob(config, work, { PATH: '/bin' })).toEqual({
      name: 'sandboxctl-import-0123456789ab',
      cwd: work.folder,
      env: { PATH: '/bin' },
      cpus: 4,
      partition: 'cpu',
      time: '1:00:00',
      account: null,
      qos: null,
      reservation: null,
    });
  });

  it("gets no variable of Slurm and none of the caller's secrets", () => {
    const env = {
      PATH: '/bin',
      SLURM_JOB_ID: '7',
      SLURM_CONF: '/c',
      SBATCH_PARTITION: 'x',
      AWS_SECRET: 's',
      SANDBOXCTL_TOKEN: 't',
      ENROOT_CACHE_PATH: '/e',
      https_proxy: 'p',
    };
    expect(importEnvironment(env, 'job')).toEqual({
      PATH: '/bin',
      ENROOT_CACHE_PATH: '/e',
      https_proxy: 'p',
      LC_ALL: 'C',
    });
    expect(importEnvironment(env, 'here')).toEqual({
      PATH: '/bin',
      AWS_SECRET: 's',
      ENROOT_CACHE_PATH: '/e',
      https_proxy: 'p',
      LC_ALL: 'C',
    });
  });

  it('recognizes the files of its import, and no others', () => {
    expect(importIdOf('/images/a.sqsh', '.a.sqsh.0123456789ab.tmp')).toBe('0123456789ab');
    expect(importIdOf('/images/a.sqsh', '.a.sqsh.0123456789ab.work')).toBe('0123456789ab');
    for (const name of [
      '.a.sqsh.lock',
      'a.sqsh',
      '.b.sqsh.0123456789ab.tmp',
      '.a.sqsh.tmp',
      '.a.sqsh.0123456789ab.json',
    ]) {
      expect(importIdOf('/images/a.sqsh', name)).toBeUndefined();
    }
  });
});

describe('the manifest of an image', () => {
  const list = {
    manifests: [
      { digest: 'sha256:a', platform: { architecture: 'amd64' } },
      { digest: 'sha256:b', platform: { architecture: 'arm64' } },
    ],
  };
  const hex = 'f'.repeat(64);

  it('is the one for the architecture', () => {
    expect([
      pickManifest(list, 'arm64'),
      pickManifest(list, 's390x'),
      pickManifest({}, 'amd64'),
      pickManifest(null, 'amd64'),
    ]).toEqual(['sha256:b', null, null, null]);
  });

  it('determines how much space is required, or else a minimum is', () => {
    const layers = layersOf({
      config: { digest: `sha256:${hex}`, size: 1024 },
      layers: [{ digest: `sha256:${hex}`, size: 1023 * 1024 }],
    });
    expect(spaceNeeds(layers)).toMatchObject({ cacheKib: 1024, tempKib: 3072, targetKib: 2048 });
    expect(spaceNeeds(layersOf('no manifest'))).toMatchObject({ layers: '', tempKib: 262_144 });
  });
});
