import { describe, expect, it } from 'vitest';
import type { TrackedJob } from '../../src/fleet/job-table.js';
import { decided, ids, running } from './decided.js';
import { believed, type Given, jobFact, NOW, registered, submission } from './facts.js';

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
