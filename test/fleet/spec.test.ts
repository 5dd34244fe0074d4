import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences } from '../../src/fleet/differences.js';
import {
  hashJob,
  type JobSpec,
  parseSpecLine,
  type Spec,
  secretDigest,
  specLine,
} from '../../src/fleet/spec.js';
import { specOf } from '../script/specs.js';

const spec = specOf({
  job: { image: { path: '/images/sandbox.sqsh', sha256: 'aa' }, env: [{ key: 'A', value: '1' }] },
});
const { job } = spec;

/** Every way to change one value of a job. */
function changed(): [string, JobSpec][] {
  const { slurm } = job;
  return [
    ['image', { ...job, image: { path: '/images/sandbox.sqsh', sha256: 'bb' } }],
    ['partition', { ...job, slurm: { ...slurm, partition: 'short' } }],
    ['time', { ...job, slurm: { ...slurm, time: '1:00:00' } }],
    ['nodelist', { ...job, slurm: { ...slurm, nodelist: ['node1'] } }],
    ['exclusive', { ...job, slurm: { ...slurm, exclusive: false } }],
    ['sbatch arguments', { ...job, slurm: { ...slurm, args: ['--nice=1'] } }],
    ['port', { ...job, port: 8081 }],
    ['workers', { ...job, workers: 1 }],
    ['env', { ...job, env: [{ key: 'A', value: '2' }] }],
    ['secret', { ...job, env: [{ key: 'A', secret: secretDigest('A', '1') }] }],
    ['mounts', { ...job, mounts: ['/data:/data'] }],
    ['template', { ...job, template: 'cc' }],
  ];
}

describe('the hash of a spec', () => {
  it.each(changed())('changes with the job’s %s', (_, other) => {
    expect(hashJob(other)).not.toBe(hashJob(job));
  });

  it('is the same for an image that was moved', () => {
    const moved: JobSpec = { ...job, image: { path: '/elsewhere/link.sqsh', sha256: 'aa' } };
    expect(hashJob(moved)).toBe(hashJob(job));
    expect(hashJob({ ...job, image: null })).not.toBe(hashJob(job));
  });

  it('does not depend on the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(job).reverse()) as unknown as JobSpec;
    expect(hashJob(reversed)).toBe(hashJob(job));
    expect(hashJob(JSON.parse(JSON.stringify(job)) as JobSpec)).toBe(hashJob(job));
  });
});

describe('the differences of two specs', () => {
  it('are listed field by field', () => {
    const other: Spec = {
      ...spec,
      nodes: 2,
      job: {
        ...job,
        slurm: { ...job.slurm, mem: '4G', nodelist: ['node1', 'node2'] },
        image: { path: '/images/sandbox.sqsh', sha256: 'bb' },
      },
    };
    expect(differences(spec, other)).toEqual([
      { field: 'nodes', from: '4', to: '2' },
      { field: 'image', from: '/images/sandbox.sqsh', to: 'another content' },
      { field: 'nodelist', from: 'none', to: 'node1 node2' },
      { field: 'mem', from: 'none', to: '4G' },
    ]);
  });

  it('do not include generation, log and log cap', () => {
    expect(differences(spec, { ...spec, generation: 9, output: '/elsewhere', logCap: 1 })).toEqual([]);
  });

  it.each(changed())('name a changed %s', (_, other) => {
    expect(differences(spec, { ...spec, job: other })).toHaveLength(1);
  });

  it.each(changed())('of a gateway name a changed %s', (_, other) => {
    const gateway = (it: JobSpec) => ({
      ...spec,
      gateway: { where: 'job' as const, hash: hashJob(it), job: it },
    });
    const [only, ...more] = differences(gateway(job), gateway(other));
    expect(only?.field).toMatch(/^gateway/);
    expect(more).toEqual([]);
  });

  it('name no digest', () => {
    const digest = '112f3ee5a860254f';
    const secret = { key: 'A', secret: digest };
    const other: JobSpec = {
      ...job,
      ...{ image: { path: '/images/other.sqsh', sha256: digest }, env: [secret], template: digest },
      checkout: { path: '/srv/fusion', head: digest, environment: null },
    };
    const gateway = { where: 'here' as const, hash: digest, job: other };
    const told = differences(spec, { ...spec, job: other, gateway });
    const fields = ['image', 'checkout', 'checkout', 'template', 'env', 'gateway'];
    expect(told.map(({ field }) => field).sort()).toEqual(fields.sort());
    expect(JSON.stringify([told, differences({ ...spec, job: other, gateway }, spec)])).not.toContain(digest);
  });
});

describe('a secret in a spec', () => {
  it('is a digest that differs by key and value and reveals neither', () => {
    const digests = [secretDigest('A', 'x'), secretDigest('A', 'y'), secretDigest('B', 'x')];
    expect(new Set(digests).size).toBe(3);
    expect(secretDigest('A', 'hunter2')).toMatch(/^[0-9a-f]{8}$/);
    expect(secretDigest('A', 'b')).not.toBe(secretDigest('Ab', ''));
  });
});

describe('the spec line of a script', () => {
  it('carries spec and submission as one comment, whatever stands in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, offset) => {
        const whole: Spec = { ...spec, output: text, job: { ...job, env: [{ key: 'A', value: text }] } };
        const line = specLine(whole, { id: 'abc', offset });
        expect(line.startsWith('# ')).toBe(true);
        expect(line).not.toMatch(/[\r\n]/);
        expect(parseSpecLine(`#!/bin/bash\n#SBATCH -n1\n${line}\necho hi\n`)).toEqual({
          spec: whole,
          submission: { id: 'abc', offset },
        });
      }),
    );
  });

  it.each([
    '',
    '#!/bin/bash\necho hi\n',
    '# sandboxctl-spec: {"spec":',
    ' # sandboxctl-spec: {}',
    '# sandboxctl-spec: ',
    '# sandboxctl-spec: {"spec":{},"submission":{}}',
    '# sandboxctl-spec: null',
  ])('is not found in %j', (script) => {
    expect(parseSpecLine(script)).toBeUndefined();
  });
});
