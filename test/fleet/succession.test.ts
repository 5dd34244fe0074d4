import { describe, expect, it } from 'vitest';
import { decide } from '../../src/fleet/decide.js';
import type { Registered } from '../../src/fleet/facts.js';
import { believed, factsOf, type Given, jobFact, NOW, registered, submission } from './facts.js';

const yes = { reachable: true, reason: '' };
const no = { reachable: false, reason: 'refused' };

/** Jobs that run, with servers that answer: `1000_0` of the first submission, `2000_0` of the second, and so on. */
function fleet(
  ids: readonly string[],
  given: Given = {},
  states: Record<string, Registered['state']> = {},
): Given {
  const tag = (id: string) => ({ fleet: 'sandbox', generation: 1, submission: id.split('_')[0] ?? '' });
  const bases = [...new Set(ids.map((id) => id.split('_')[0] ?? ''))];
  return {
    jobs: ids.map((id) => believed(jobFact(id, { tag: tag(id) }))),
    submissions: bases.map((id) =>
      submission({ id, jobId: id, hash: id === '1000' ? 'h' : 'new', generation: Number(id) / 1000 }),
    ),
    registrations: ids.map((id) =>
      registered(id, { submission: tag(id).submission, state: states[id] ?? 'ready' }),
    ),
    probes: Object.fromEntries(ids.map((id) => [id, (states[id] ?? 'ready') === 'ready' ? yes : no])),
    ...given,
  };
}

const NEW = { nodes: 2, hash: 'new' };
const seen = (given: Given, spec: Parameters<typeof decide>[0] = NEW) => {
  const { instances, replacements, submit, surplus } = decide(spec, factsOf(given));
  return {
    holders: instances.map(({ jobId }) => jobId),
    replaced: replacements.map(({ slot, due, successor }) => [slot, due.kind, successor?.jobId ?? null]),
    submit,
    ending: surplus.filter(({ mayEnd }) => mayEnd).map(({ jobId }) => jobId),
  };
};

describe('a server of an earlier spec', () => {
  it('stays while its successor is submitted, one at a time', () => {
    expect(seen(fleet(['1000_0', '1000_1']))).toEqual({
      ...{ holders: ['1000_0', '1000_1'], submit: [0], ending: [] },
      replaced: [
        [0, 'spec', null],
        [1, 'spec', null],
      ],
    });
  });

  it('stays while its successor starts, and so do the others', () => {
    const starting = fleet(['1000_0', '1000_1', '2000_0'], {}, { '2000_0': 'starting' });
    expect(seen(starting)).toMatchObject({ holders: ['1000_0', '1000_1'], submit: [], ending: [] });
    expect(seen(starting).replaced[0]).toEqual([0, 'spec', '2000_0']);
  });

  it('ends once its successor is ready, and only then the next one is replaced', () => {
    expect(seen(fleet(['1000_0', '1000_1', '2000_0']))).toMatchObject({
      ...{ holders: ['2000_0', '1000_1'], submit: [], ending: ['1000_0'], replaced: [[1, 'spec', null]] },
    });
    expect(seen(fleet(['1000_1', '2000_0'])).submit).toEqual([1]);
  });

  it('is not cancelled while it ends by itself, so that its end is reported with its cause; one that hangs is', () => {
    const both = ['1000_0', '1000_1', '2000_0'];
    const over = fleet(both, {}, { '1000_0': 'gone' });
    expect(seen(over)).toMatchObject({ holders: ['2000_0', '1000_1'], ending: [] });
    const hangs = over.registrations?.map((each) => ({ ...each, stale: each.jobId === '1000_0' }));
    expect(seen({ ...over, ...(hangs && { registrations: hangs }) }).ending).toEqual(['1000_0']);
    const [first, ...others] = fleet(both).jobs ?? [];
    const completing = first?.fact && { ...first, fact: { ...first.fact, state: 'COMPLETING' } };
    expect(seen(fleet(both, { jobs: completing ? [completing, ...others] : [] })).ending).toEqual([]);
  });

  it('stays until every gateway has the successor in rotation', () => {
    const both = ['1000_0', '1000_1', '2000_0'];
    expect(seen(fleet(both, { inRotation: [] }))).toMatchObject({
      holders: ['2000_0', '1000_1'],
      ending: [],
    });
    expect(seen(fleet(both, { inRotation: ['2000_0'] })).ending).toEqual(['1000_0']);
  });

  it('is not displaced by a successor that nobody reaches from here', () => {
    const unseen = fleet(['1000_0', '1000_1', '2000_0'], {
      probes: { '1000_0': yes, '1000_1': yes, '2000_0': no },
    });
    expect(seen(unseen)).toMatchObject({ holders: ['1000_0', '1000_1'], ending: [] });
  });

  it('has several successors at once where --max-surge allows it', () => {
    const upkeep = { maxSurge: 2 };
    expect(seen(fleet(['1000_0', '1000_1']), { ...NEW, upkeep }).submit).toEqual([0, 1]);
  });

  it('ends first where --max-unavailable allows that, one that does not work before others', () => {
    const upkeep = { maxSurge: 0, maxUnavailable: 1 };
    const all = fleet(['1000_0', '1000_1']);
    expect(seen(all, { ...NEW, upkeep })).toMatchObject({ submit: [], ending: ['1000_0'] });
    const sick = fleet(['1000_0', '1000_1'], {}, { '1000_1': 'unhealthy' });
    expect(seen(sick, { ...NEW, upkeep })).toMatchObject({ submit: [], ending: ['1000_1'] });
    const starting = fleet(['1000_1', '2000_0'], {}, { '2000_0': 'starting' });
    expect(seen(starting, { ...NEW, upkeep })).toMatchObject({ submit: [], ending: [] });
  });

  it('is not replaced again in a run in which its successor failed, and that is told', () => {
    const given = fleet(['1000_0', '1000_1', '2000_0'], {
      attempted: [0],
      causes: { '2000_0': 'no such image' },
    });
    const jobs = given.jobs?.map((job) => ({ ...job, gone: job.id === '2000_0' })) ?? [];
    const { replacements, submit } = decide(NEW, factsOf({ ...given, jobs }));
    expect(replacements[0]?.successor).toMatchObject({
      state: 'gone',
      jobId: '2000_0',
      reason: 'no such image',
    });
    // Those of the same spec would fail as well.
    expect(submit).toEqual([]);
  });

  it.each(['COMPLETING', 'RUNNING'])(
    'is not replaced, nor are others, while its successor fails: the job of that is still %s',
    (jobState) => {
      const given = fleet(['1000_0', '1000_1', '2000_0'], { attempted: [0] }, { '2000_0': 'gone' });
      const jobs = given.jobs?.map((job) =>
        job.id === '2000_0' && job.fact !== null ? { ...job, fact: { ...job.fact, state: jobState } } : job,
      );
      const spec = { ...NEW, upkeep: { maxSurge: 2, maxUnavailable: 0 } };
      expect(decide(spec, factsOf({ ...given, jobs: jobs ?? [] })).submit).toEqual([]);
    },
  );

  it('ends at once where it has not worked for a while: its node is what the successor may need', () => {
    const sick = fleet(
      ['1000_0', '1000_1'],
      { outOfService: { '1000_0': NOW - 30_000 } },
      { '1000_0': 'unhealthy' },
    );
    expect(seen(sick)).toMatchObject({ ending: ['1000_0'], submit: [0] });
    const lately = { ...sick, outOfService: { '1000_0': NOW - 29_000 } };
    expect(seen(lately)).toMatchObject({ ending: [], submit: [0] });
  });
});

it('renew replaces the servers of earlier generations, and no others', () => {
  const spec = { nodes: 2, hash: 'h', freshFrom: 2 };
  expect(seen(fleet(['1000_0', '1000_1']), spec)).toMatchObject({
    submit: [0],
    replaced: [
      [0, 'renew', null],
      [1, 'renew', null],
    ],
  });
  const given = fleet(['1000_1', '2000_0']);
  const submissions = given.submissions?.map((one) => ({ ...one, hash: 'h' })) ?? [];
  expect(seen({ ...given, submissions }, spec)).toMatchObject({
    submit: [1],
    replaced: [[1, 'renew', null]],
  });
});

const TAG = { fleet: 'sandbox', generation: 1, submission: '1000' };

describe('a server whose time limit is near', () => {
  const left = (timeLeft: number, elapsed = 100_000) => [
    believed(jobFact('1000_0', { tag: TAG, timeLeft, elapsed })),
    believed(jobFact('1000_1', { tag: TAG, timeLeft, elapsed })),
  ];
  const spec = { nodes: 2, hash: 'h' };
  const near = (jobs: Given['jobs'], given: Given = {}) =>
    seen(fleet(['1000_0', '1000_1'], { jobs: jobs ?? [], keeps: true, ...given }), spec).replaced;

  it('is replaced an hour before, and another one earlier, so that they do not end together', () => {
    expect(near(left(5_500))).toEqual([]);
    expect(near(left(5_300))).toEqual([[1, 'limit', null]]);
    expect(near(left(3_600)).map(([slot]) => slot)).toEqual([0, 1]);
  });

  it('is replaced earlier where starts take longer, by what was seen or what Slurm expects', () => {
    const slow = { submissions: [submission({ id: '1000', jobId: '1000', startTook: 4_000 })] };
    expect(near(left(6_100), slow).map(([slot]) => slot)).toEqual([1]);
    expect(near(left(6_000), slow).map(([slot]) => slot)).toEqual([0, 1]);
    const pending = jobFact('1000_2', {
      tag: TAG,
      state: 'PENDING',
      startTime: new Date(NOW + 4_000_000).toISOString(),
    });
    expect(near([...left(6_000), believed(pending)]).map(([slot]) => slot)).toEqual([0, 1]);
  });

  it('is never replaced in the first half of its limit: its successor would be at once', () => {
    expect(near(left(2_100, 1_900))).toEqual([]);
    expect(near(left(1_000, 3_000)).map(([slot]) => slot)).toEqual([0, 1]);
  });

  it('stays where nobody stays to see its successor through', () => {
    expect(near(left(60), { keeps: false })).toEqual([]);
  });

  it('is replaced by what Slurm said last, however far the clock was set', () => {
    const jobs = left(10_000).map((job) => ({ ...job, seenAt: NOW - 1e9 }));
    expect(near(jobs)).toEqual([]);
  });
});

describe('a server out of service', () => {
  const spec = { nodes: 2, hash: 'h' };
  const sick = (seconds: number, given: Given = {}) =>
    fleet(
      ['1000_0', '1000_1'],
      { outOfService: { '1000_0': NOW - seconds * 1000 }, ...given },
      { '1000_0': 'unhealthy' },
    );

  it('is replaced after two minutes, and ends only for a successor that is ready', () => {
    expect(seen(sick(119), spec)).toMatchObject({ submit: [], replaced: [] });
    expect(seen(sick(120), spec)).toMatchObject({ submit: [0], ending: [], replaced: [[0, 'wedged', null]] });
  });

  it('is not replaced where only this machine does not reach it', () => {
    const registrations = [registered('1000_0'), registered('1000_1')];
    expect(seen(sick(1_000, { registrations }), spec)).toMatchObject({ submit: [], replaced: [] });
  });

  it('is one of at most a tenth that are replaced at once, whatever the surge', () => {
    const ids = Array.from({ length: 20 }, (_, at) => `1000_${at}`);
    const states = Object.fromEntries(ids.map((id) => [id, 'unhealthy' as const]));
    const outOfService = Object.fromEntries(ids.map((id) => [id, NOW - 200_000]));
    const all = fleet(
      ids,
      { outOfService, submissions: [submission({ id: '1000', instances: ids.map((_, at) => at) })] },
      states,
    );
    expect(seen(all, { nodes: 20, hash: 'h', upkeep: { maxSurge: 20 } }).submit).toEqual([0, 1]);
  });

  it.each([
    ['SUSPENDED', '', 'suspended by Slurm'],
    ['PENDING', 'JobHeldAdmin', 'held by an administrator'],
    ['PENDING', 'JobHeldUser', 'held by its user'],
  ])('by Slurm (%s %s) is replaced as well', (state, reason, why) => {
    const jobs = [believed(jobFact('1000_0', { state, reason })), believed(jobFact('1000_1'))];
    const given = sick(120, { jobs, registrations: [registered('1000_1')], submissions: [submission()] });
    expect(decide(spec, factsOf(given)).replacements).toMatchObject([
      { slot: 0, due: { kind: 'wedged', why } },
    ]);
  });
});

describe('fewer servers', () => {
  const spec = { nodes: 2, hash: 'h' };
  const three = ['1000_0', '1000_1', '1000_2'];

  it('ends the highest', () => {
    expect(seen(fleet(three), spec)).toMatchObject({ holders: ['1000_0', '1000_1'], ending: ['1000_2'] });
  });

  it('ends the one that does not work, and keeps the others in their slots', () => {
    const sick = fleet(three, {}, { '1000_1': 'unhealthy' });
    expect(seen(sick, spec)).toMatchObject({ holders: ['1000_0', '1000_2'], submit: [], ending: ['1000_1'] });
    expect(seen(fleet(['1000_0', '1000_2']), spec)).toMatchObject({
      holders: ['1000_0', '1000_2'],
      submit: [],
    });
  });

  it('fills the lowest slot again where one ends', () => {
    expect(seen(fleet(['1000_2']), spec)).toMatchObject({ holders: [null, '1000_2'], submit: [0] });
  });
});

it('a slot is not filled where the fleet has all the jobs that it may have', () => {
  const jobs = ['1000_0', '1000_1', '1000_2', '1000_3'].map((id) => believed(jobFact(id)));
  const more = { nodes: 2, hash: 'h' };
  const given: Given = {
    jobs: jobs.filter(({ id }) => id !== '1000_1'),
    submissions: [submission({ hash: 'h' })],
  };
  expect(decide(more, factsOf(given)).submit).toEqual([]);
});
