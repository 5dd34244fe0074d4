import { describe, expect, it } from 'vitest';
import { cannotStart, type Decision, decide } from '../../src/fleet/decide.js';
import type { InstanceView } from '../../src/fleet/instance.js';
import type { TrackedJob } from '../../src/fleet/job-table.js';
import { believed, factsOf, type Given, jobFact, NOW, registered, submission } from './facts.js';

const two = { nodes: 2, hash: 'h' };

function decided(given: Given, spec = two): Decision {
  return decide(spec, factsOf(given));
}

const ids = (views: readonly InstanceView[]) => views.map((view) => view.jobId);
const running = (...jobIds: string[]) => jobIds.map((id) => believed(jobFact(id)));

describe('decide submits', () => {
  it('every instance without a job', () => {
    expect(decided({ submissions: [] }).submit).toEqual([0, 1]);
    expect(decided({ jobs: running('1000_1') }).submit).toEqual([0]);
    expect(decided({ jobs: running('1000_0', '1000_1') }).submit).toEqual([]);
  });

  it('an instance whose job is gone again, but not in the run that submitted it', () => {
    const jobs = [believed(jobFact('1000_0'), { gone: true }), believed(jobFact('1000_1'))];
    expect(decided({ jobs }).submit).toEqual([0]);
    const same = decided({ jobs, attempted: [0, 1], causes: { '1000_0': 'out of memory' } });
    expect(same.submit).toEqual([]);
    expect(same.instances[0]).toMatchObject({ state: 'gone', jobId: '1000_0', reason: 'out of memory' });
  });

  it('an instance with the end of its last job as the reason, where the scheduler still knows that', () => {
    const lost = jobFact('1000_0', { state: 'FAILED', reason: 'MachineRestarted' });
    const jobs = [believed(lost, { gone: true }), believed(jobFact('1000_1'), { gone: true })];
    expect(decided({ jobs }).instances).toMatchObject([
      { state: 'pending', jobId: null, reason: 'no job: 1000_0 ended (FAILED, MachineRestarted)' },
      { state: 'pending', jobId: null, reason: 'no job' },
    ]);
  });

  it('nothing while a job is missing from one answer', () => {
    const missing = believed(jobFact('1000_0'), { missingSince: 1 });
    expect(decided({ jobs: [missing, ...running('1000_1')] }).submit).toEqual([]);
  });

  it('nothing for an instance whose submission is unsure', () => {
    const unsure = submission({ id: 'u', instances: [1], jobId: null });
    const decision = decided({ jobs: running('1000_0'), submissions: [submission(), unsure] });
    expect(decision.submit).toEqual([]);
    expect(decision.instances[1]).toMatchObject({
      state: 'pending',
      jobId: null,
      reason: 'submitted, not confirmed by Slurm yet',
    });
  });

  it('nothing for a submitted job that no answer lists yet', () => {
    const sent = { id: '1000_0', fact: null, seenAt: 0, missingSince: null, gone: false };
    const decision = decided({ jobs: [sent, { ...sent, id: '1000_1' }] });
    expect(decision.submit).toEqual([]);
    expect(decision.instances[0]).toMatchObject({ state: 'pending', reason: 'submitted', jobId: '1000_0' });
  });
});

describe('a surplus job', () => {
  it('is the younger of two jobs of one instance', () => {
    const second = submission({ id: 't', instances: [0], jobId: '9' });
    const tag = { fleet: 'sandbox', generation: 1, submission: 't' };
    const jobs = [believed(jobFact('1000_0', { tag })), ...running('9_0', '9_1')];
    const decision = decided({ jobs, submissions: [submission(), { ...second, jobId: '1000' }] });
    expect(ids(decision.instances)).toEqual(['9_0', '9_1']);
    expect(ids(decision.surplus)).toEqual(['1000_0']);
  });

  it('is one past the end of the fleet', () => {
    const decision = decided({ jobs: running('1000_0', '1000_1', '1000_2', '1000_10') });
    expect(ids(decision.surplus)).toEqual(['1000_2', '1000_10']);
  });

  it('is one of another spec that does not serve: its instance is submitted beside it', () => {
    const jobs = [believed(jobFact('1000_0', { state: 'PENDING' })), ...running('1000_1')];
    const registrations = [registered('1000_1', { state: 'starting' })];
    const decision = decided({ jobs, registrations }, { nodes: 2, hash: 'other' });
    expect(decision.surplus).toMatchObject([
      { jobId: '1000_0', mayEnd: true },
      { jobId: '1000_1', mayEnd: true },
    ]);
    // As many as the surge lets it have beside them.
    expect(decision.submit).toEqual([0]);
  });

  it('is every job when no servers are wanted, unidentified ones too, which are left alone otherwise', () => {
    const tag = { fleet: 'sandbox', generation: 1, submission: 'lost' };
    const jobs = [...running('1000_0'), believed(jobFact('2000_5', { tag }))];
    expect(ids(decided({ jobs }, { nodes: 0, hash: '' }).surplus)).toEqual(['1000_0', '2000_5']);
    expect(decided({ jobs }).surplus).toEqual([]);
  });

  it('is never one that is gone', () => {
    const jobs = [believed(jobFact('1000_3'), { gone: true })];
    expect(decided({ jobs }, { nodes: 0, hash: '' }).surplus).toEqual([]);
  });
});

describe('of two jobs of one instance', () => {
  const again = submission({ id: 'again', instances: [0], jobId: '2000' });
  const tag = { fleet: 'sandbox', generation: 1, submission: 'again' };
  const younger = (changes: Partial<TrackedJob> = {}, job: object = {}) =>
    believed(jobFact('2000_0', { tag, ...job }), changes);
  const yes = { reachable: true, reason: '' };
  const no = { reachable: false, reason: 'refused' };
  const pair = (older: TrackedJob, second: TrackedJob, given: Given = {}) =>
    decided({ jobs: [older, second], submissions: [submission(), again], ...given }, { nodes: 1, hash: 'h' });
  const ready = (id: string) => registered(id, { instance: 0 });

  it('the proven one stays and the one that no answer has shown never displaces it', () => {
    const forgotten: TrackedJob = { id: '1000_0', fact: null, seenAt: 0, missingSince: NOW, gone: false };
    // The registration that the dead job left behind does not count either.
    for (const registrations of [[ready('2000_0')], [ready('1000_0'), ready('2000_0')]]) {
      const { instances, surplus } = pair(forgotten, younger(), {
        registrations,
        probes: { '1000_0': no, '2000_0': yes },
      });
      expect(ids(instances)).toEqual(['2000_0']);
      expect(surplus).toMatchObject([{ jobId: '1000_0', mayEnd: false }]);
    }
  });

  it('the listed one stays while the other is missing from an answer, ready or not', () => {
    const missing = believed(jobFact('1000_0'), { missingSince: NOW });
    for (const registrations of [[], [ready('1000_0')]]) {
      const { instances, surplus } = pair(missing, younger(), { registrations, probes: { '1000_0': no } });
      expect(ids(instances)).toEqual(['2000_0']);
      expect(surplus).toMatchObject([{ jobId: '1000_0', mayEnd: false }]);
    }
  });

  it('the ready one stays, and the other ends with the reason', () => {
    const { instances, surplus } = pair(believed(jobFact('1000_0')), younger(), {
      registrations: [ready('2000_0')],
      probes: { '2000_0': yes },
    });
    expect(ids(instances)).toEqual(['2000_0']);
    expect(surplus).toMatchObject([
      { jobId: '1000_0', mayEnd: true, why: 'job 2000_0 is the ready one of instance 0' },
    ]);
  });

  it('one that pends stays against one that is ending', () => {
    const ending = believed(jobFact('1000_0', { state: 'COMPLETING' }));
    expect(ids(pair(ending, younger({}, { state: 'PENDING' })).instances)).toEqual(['2000_0']);
  });

  it('the older stays where both are as good, and the other ends once that is known to be ready', () => {
    const starting = pair(believed(jobFact('1000_0')), younger());
    expect(ids(starting.instances)).toEqual(['1000_0']);
    expect(starting.surplus).toMatchObject([{ jobId: '2000_0', mayEnd: false }]);
    const { surplus } = pair(believed(jobFact('1000_0')), younger(), {
      registrations: [ready('1000_0')],
      probes: { '1000_0': yes },
    });
    expect(surplus).toMatchObject([{ jobId: '2000_0', mayEnd: true }]);
  });

  it('one that runs stays against an older one that was requeued, also while it is too busy to answer', () => {
    const requeued = believed(jobFact('1000_0', { state: 'PENDING' }));
    const busy = { reachable: false, reason: 'no answer', silent: true as const };
    for (const given of [{}, { registrations: [ready('2000_0')], probes: { '2000_0': busy } }]) {
      const { instances, surplus } = pair(requeued, younger(), given);
      expect(ids(instances)).toEqual(['2000_0']);
      expect(surplus).toMatchObject([{ jobId: '1000_0', mayEnd: true }]);
    }
  });
});

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
