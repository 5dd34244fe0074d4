import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../src/control/templates.js';
import { decide } from '../../src/fleet/decide.js';
import { gatewaySpec } from '../../src/fleet/gateway-request.js';
import { planSubmissions, type Submission } from '../../src/fleet/plan.js';
import { parseSpecLine } from '../../src/fleet/spec.js';
import { directivesOf, render, specOf } from '../script/specs.js';
import { CLUSTER } from './cluster-facts.js';
import { believed, factsOf, type Given, jobFact, submission } from './facts.js';

const options = { gatewayPartition: null, gatewayPort: null };
const spec = specOf({ nodes: 2 });
const gateway = gatewaySpec(options, 'job', spec.job, 2, CLUSTER);
const whole = { ...spec, gateway };

const tag = { fleet: 'sandbox', generation: 3, submission: 'g' };
const ours = submission({
  id: 'g',
  hash: gateway.hash,
  instances: ['gateway'],
  offset: -1,
  jobId: '1001',
});
const servers = submission({ hash: spec.hash });
const fleet = [believed(jobFact('1000_0')), believed(jobFact('1000_1'))];
const running = believed(jobFact('1001', { tag, task: null }));
const decided = (given: Given, of: Parameters<typeof decide>[0] = whole) =>
  decide(of, factsOf({ submissions: [servers, ours], ...given }));

describe("a fleet's gateway is a slot like the servers'", () => {
  it('gets a job where it has none, and none while it has one', () => {
    expect(decided({ jobs: fleet }).submit).toEqual(['gateway']);
    expect(decided({ jobs: [...fleet, running] }).submit).toEqual([]);
    expect(decided({ jobs: [...fleet, { ...running, gone: true }] }).submit).toEqual(['gateway']);
  });

  it('is not listed among the instances', () => {
    const { instances, gateway: view } = decided({ jobs: [...fleet, running] });
    expect(instances.map(({ instance }) => instance)).toEqual([0, 1]);
    expect(view).toMatchObject({ instance: 'gateway', jobId: '1001' });
  });

  it('is surplus where it is not asked for, a second one, or the fleet is stopped', () => {
    const jobs = [...fleet, running];
    const surplus = (of: Parameters<typeof decide>[0]) =>
      decided({ jobs }, of).surplus.map(({ jobId }) => jobId);
    expect(surplus(spec)).toEqual(['1001']);
    expect(surplus({ ...whole, nodes: 0 })).toEqual(['1000_0', '1000_1', '1001']);
    expect(surplus(whole)).toEqual([]);
  });

  it('stays where the servers change', () => {
    const { submit, surplus, replacements } = decided(
      { jobs: [...fleet, running] },
      { ...whole, hash: 'other' },
    );
    expect([submit, surplus]).toEqual([[0], []]);
    expect(replacements.map(({ slot }) => slot)).toEqual([0, 1]);
  });

  it.each([0, 1001])('is a plain job of its own, with arrays up to %i', (most) => {
    const plans = planSubmissions([0, 1, 'gateway'], most, () => 'id');
    expect(plans.at(-1)).toEqual({ id: 'id', instances: ['gateway'], array: null, offset: -1 });
    expect(plans.slice(0, -1).flatMap(({ instances }) => instances)).toEqual([0, 1]);
  });
});

const PLAN: Submission = { id: 'abc126', instances: ['gateway'], array: null, offset: -1 };

it('the job of a gateway is a small one that shares its node, under a log of its own', async () => {
  const template = await loadTemplate(null, 'gateway', 'slurm');
  const script = render({ gateway }, { submission: PLAN, template });
  const lines = directivesOf(script);
  expect(lines).toEqual(
    expect.arrayContaining([
      '--job-name=sandboxctl-sandbox',
      '--comment=sandboxctl:sandbox:3:abc126',
      '--output=/home/me/logs/sandbox-%j_gateway.log',
      '--cpus-per-task=2',
      '--mem=4G',
      '--partition=cpuonly',
    ]),
  );
  expect(lines).not.toContain('--exclusive');
  expect(script).toContain('start_program gateway --fleet "$FLEET" --listen "$LISTEN:$PORT"');
  // The whole fleet's spec stands in it: from it alone the fleet is known again.
  expect(parseSpecLine(script)?.spec).toMatchObject({ nodes: 4, hash: specOf().hash, gateway });
});

it('a gateway on the login node determines its own address; on a local fleet its port follows those of the servers', () => {
  expect(gatewaySpec(options, 'here', spec.job, 2, CLUSTER).job).toMatchObject({
    ...{ cluster: 'local', endpointHost: 'ip', port: 8080 },
    slurm: { partition: 'local', args: [], mem: null },
  });
  const local = gatewaySpec(options, 'job', { ...spec.job, cluster: 'local' }, 2, CLUSTER).job;
  expect(local).toMatchObject({ cluster: 'local', endpointHost: 'nodeaddr', port: 8082 });
  expect(
    gatewaySpec({ gatewayPartition: 'io', gatewayPort: 9000 }, 'job', spec.job, 2, CLUSTER).job,
  ).toMatchObject({
    // No longer than its own partition lets it.
    ...{ port: 9000, slurm: { partition: 'io', time: '0-01:00:00' } },
  });
  const nowhere = () =>
    gatewaySpec({ gatewayPartition: 'none', gatewayPort: null }, 'job', spec.job, 2, CLUSTER);
  expect(nowhere).toThrow("there is no partition 'none'");
});
