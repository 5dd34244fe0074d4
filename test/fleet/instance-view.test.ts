import { describe, expect, it } from 'vitest';
import { cannotStart } from '../../src/fleet/decide.js';
import { decided, ids, running } from './decided.js';
import { believed, jobFact, NOW, registered, submission } from './facts.js';

describe('the instance of a job', () => {
  it('is task plus offset in an array; a plain job has that of its submission', () => {
    const far = submission({ offset: 1, instances: [1] });
    expect(ids(decided({ jobs: running('1000_0'), submissions: [far] }).instances)).toEqual([null, '1000_0']);
    const plain = submission({ offset: 1, instances: [1], jobId: '7' });
    expect(ids(decided({ jobs: running('7'), submissions: [plain] }).instances)).toEqual([null, '7']);
  });
});

describe('the state of an instance', () => {
  const yes = { reachable: true, reason: '' };
  const no = { reachable: false, reason: 'no answer to the connection' };
  const unknown = { reachable: null, reason: '' };

  it.each([
    ['pending', { state: 'PENDING' }, undefined, undefined],
    ['pending', { state: 'CONFIGURING' }, undefined, undefined],
    ['starting', {}, undefined, undefined],
    ['starting', {}, { state: 'starting' }, unknown],
    ['starting', {}, { state: 'ready' }, unknown],
    ['ready', {}, { state: 'starting' }, yes],
    ['ready', {}, { state: 'ready' }, yes],
    ['ready', {}, { state: 'ready' }, no],
    ['ready', {}, { state: 'ready', stale: true }, yes],
    ['starting', {}, { state: 'starting' }, no],
    ['unhealthy', {}, { state: 'unhealthy' }, no],
    ['unhealthy', {}, { state: 'ready', stale: true }, no],
    ['draining', {}, { state: 'gone' }, yes],
    ['draining', { state: 'COMPLETING' }, { state: 'ready' }, yes],
    // Out of reach is ready only where the job itself is seen to go on.
    ['unhealthy', {}, { state: 'ready', unrefreshed: true }, no],
    ['unhealthy', {}, { state: 'ready' }, { ...no, silent: true }],
    ['starting', {}, { state: 'ready', unrefreshed: true }, unknown],
    ['ready', {}, { state: 'ready', unrefreshed: true }, yes],
    // Slurm's word goes before what was proven earlier, and a later proof before Slurm's word.
    ['unhealthy', { state: 'SUSPENDED' }, { state: 'ready' }, { ...yes, provenAt: NOW }],
    ['unhealthy', { state: 'SUSPENDED' }, { state: 'ready' }, no],
    ['unhealthy', { state: 'SUSPENDED' }, undefined, undefined],
    ['unhealthy', { state: 'STOPPED' }, { state: 'ready' }, no],
    ['ready', { state: 'SUSPENDED' }, { state: 'ready' }, { ...yes, provenAt: NOW + 1 }],
    // Requeued after a node was lost: nobody could take its registration back.
    ['pending', { state: 'PENDING', reason: 'BeginTime' }, { state: 'ready', unrefreshed: true }, no],
    // A registration proves that its job runs, however old squeue's answer is.
    ['starting', { state: 'PENDING' }, { state: 'starting' }, unknown],
    ['ready', { state: 'PENDING' }, { state: 'ready' }, yes],
    // But for one that has ended: then an administrator has requeued the job.
    ['pending', { state: 'PENDING', reason: 'BeginTime' }, { state: 'gone' }, undefined],
  ] as const)('is %s for job %j, registration %j and canary %j', (state, job, told, probed) => {
    const decision = decided({
      jobs: [believed(jobFact('1000_0', job))],
      registrations: told === undefined ? [] : [registered('1000_0', told)],
      probes: probed === undefined ? {} : { '1000_0': probed },
    });
    expect(decision.instances[0]?.state).toBe(state);
  });

  it('is ready, reachable from this machine or not', () => {
    const jobs = running('1000_0');
    const registrations = [registered('1000_0')];
    const from = (probe: { reachable: boolean; reason: string }) =>
      decided({ jobs, registrations, probes: { '1000_0': probe } }).instances[0];
    expect(from(yes)).toMatchObject({ reachable: true, reason: null });
    expect(from(no)).toMatchObject({
      state: 'ready',
      reachable: false,
      reason: 'unreachable from here: no answer to the connection',
    });
  });

  it.each([
    ['SUSPENDED', 'suspended by Slurm'],
    ['STOPPED', 'stopped by Slurm (SIGSTOP)'],
  ])('is unhealthy by %s, with who detected it as the reason', (state, reason) => {
    const jobs = [believed(jobFact('1000_0', { state }))];
    const [view] = decided({
      jobs,
      registrations: [registered('1000_0')],
      probes: { '1000_0': no },
    }).instances;
    expect(view).toMatchObject({ state: 'unhealthy', reason, jobState: state });
  });

  it('is pending with Slurm’s reason and expected start', () => {
    const job = jobFact('1000_0', {
      state: 'PENDING',
      reason: 'Resources',
      node: '',
      startTime: '2026-01-02T00:00:00.000Z',
    });
    expect(decided({ jobs: [believed(job)] }).instances[0]).toMatchObject({
      reason: 'Resources',
      expectedStart: '2026-01-02T00:00:00.000Z',
      node: null,
      startedAt: null,
    });
  });
});

it('a submission that is unsure is waited for, however the last job ended', () => {
  const ended = believed(jobFact('1000_0', { state: 'CANCELLED' }), { gone: true });
  const asked = submission({ id: 't', instances: [0], jobId: null });
  const decision = decided({
    jobs: [ended],
    submissions: [submission({ instances: [0] }), asked],
    attempted: [0],
  });
  expect(decision.submit).not.toContain(0);
  expect(decision.instances[0]).toMatchObject({
    state: 'pending',
    jobId: null,
    reason: 'submitted, not confirmed by Slurm yet',
  });
});

describe('the view of an instance', () => {
  const jobs = running('1000_0');

  it('has the address that Slurm gives, or the one in the registration', () => {
    const url = (host: string) =>
      decided({ jobs, registrations: [registered('1000_0', { host })] }).instances[0]?.url;
    expect(url('')).toBe('http://10.0.0.1:8080');
    expect(url('node1.cluster')).toBe('http://node1.cluster:8080');
    expect(url('fd00::1')).toBe('http://[fd00::1]:8080');
  });

  it('has no URL before a port is bound, and no node before it runs', () => {
    const view = decided({ jobs, registrations: [registered('1000_0', { port: 0, state: 'starting' })] });
    expect(view.instances[0]).toMatchObject({ url: null, port: null, node: 'node1' });
  });

  it('has start and end relative to the time of the answer', () => {
    const job = believed(jobFact('1000_0', { elapsed: 60, timeLeft: 120 }), {
      seenAt: Date.parse('2026-01-01T01:00:00Z'),
    });
    expect(decided({ jobs: [job] }).instances[0]).toMatchObject({
      startedAt: '2026-01-01T00:59:00.000Z',
      expiresAt: '2026-01-01T01:02:00.000Z',
    });
    const unlimited = believed(jobFact('1000_0', { timeLeft: null }));
    expect(decided({ jobs: [unlimited] }).instances[0]?.expiresAt).toBeNull();
  });

  it('shows nothing of the earlier run of a requeued job', () => {
    const requeued = believed(jobFact('1000_0', { state: 'PENDING', reason: 'BeginTime', node: '' }));
    const decision = decided({
      jobs: [requeued],
      registrations: [registered('1000_0', { state: 'gone', node: 'node4' })],
    });
    expect(decision.instances[0]).toMatchObject({
      state: 'pending',
      reason: 'BeginTime',
      node: null,
      url: null,
      port: null,
      cpus: null,
    });
  });
});

describe('a pending job can never start', () => {
  it.each([
    ['PartitionConfig', true],
    ['BadConstraints', true],
    ['launch failed requeued held', true],
    ['launch_failed_requeued_held', true],
    ['JobHeldUser', true],
    ['QOSMaxWallDurationPerJobLimit', true],
    ['Resources', false],
    ['Priority', false],
    ['BeginTime', false],
    ['ReqNodeNotAvail, UnavailableNodes:node3', false],
    ['Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions', false],
  ])('with reason %s: %s', (reason, expected) => {
    const [view] = decided({
      jobs: [believed(jobFact('1000_0', { state: 'PENDING', reason, node: '' }))],
    }).instances;
    expect(view && cannotStart(view)).toBe(expected);
  });
});
