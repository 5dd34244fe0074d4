import { expect, it } from 'vitest';
import { changesBetween } from '../../src/endpoints/changes.js';
import type { EndpointsFile } from '../../src/endpoints/schema.js';
import { watchEndpoints } from '../../src/endpoints/watch.js';
import { endpoint, fleet, GATEWAY, pending } from './samples.js';

const sentences = (before: EndpointsFile | undefined, after: EndpointsFile) =>
  changesBetween(before, after).map(({ reason }) => reason);

it('tells what a client would act on', () => {
  const before = fleet([endpoint(0), endpoint(1), endpoint(2), pending(3)]);
  const after = fleet([
    endpoint(0, { expires_at: null, cpus: 4, since: 'later' }),
    endpoint(1, { reachable: false }),
    endpoint(3),
    endpoint(4, { state: 'starting', url: null, host: null, port: null }),
  ]);
  expect(sentences(before, after)).toEqual([
    'instance 1 ready, unreachable from here  http://node2:8080  (node2, job 1000_1), was ready',
    'instance 2 no longer listed  http://node3:8080  (node3, job 1000_2)',
    'instance 3 ready  http://node4:8080  (node4, job 1000_3), was pending',
    'instance 4 starting  (node5, job 1000_4)',
  ]);
  expect(changesBetween(before, after)[1]).toEqual({
    type: 'endpoints',
    instance: 2,
    job_id: '1000_2',
    node: 'node3',
    state: undefined,
    reason: expect.any(String),
    data: { change: 'removed', endpoint: null, before: endpoint(2) },
  });
  expect(changesBetween(after, after)).toEqual([]);
});

it('tells a gateway that comes and goes', () => {
  expect(changesBetween(fleet([]), fleet([], { gateway: GATEWAY }))).toMatchObject([
    { type: 'gateway', reason: 'gateway ready http://node9:8080', data: { change: 'added' } },
  ]);
  expect(changesBetween(fleet([], { gateway: GATEWAY }), fleet([]))).toMatchObject([
    { data: { change: 'removed' } },
  ]);
});

it('goes on through failures, telling each once, and ends with its signal', async () => {
  const broken = new Error('EIO');
  const looks: (EndpointsFile | Error)[] = [
    fleet([endpoint(0)]),
    broken,
    broken,
    fleet([endpoint(0)]),
    broken,
    fleet([endpoint(0), endpoint(1)]),
  ];
  const stop = new AbortController();
  const failures: string[] = [];
  const seen: string[][] = [];
  const slept: number[] = [];
  const changes = watchEndpoints(fleet([endpoint(0)]), {
    read: async () => {
      const next = looks.shift();
      if (next === undefined || next instanceof Error) throw next;
      return next;
    },
    sleep: async (ms) => {
      slept.push(ms);
      if (looks.length === 0) stop.abort();
    },
    signal: stop.signal,
    onFailure: (words) => failures.push(words),
  });
  for await (const { events } of changes) seen.push(events.map(({ reason }) => reason ?? ''));
  expect(seen).toEqual([
    ['instance 0 ready  http://node1:8080  (node1, job 1000_0)'],
    ['instance 1 ready  http://node2:8080  (node2, job 1000_1)'],
  ]);
  expect(failures).toEqual(['EIO', 'EIO']);
  expect(new Set(slept)).toEqual(new Set([1_000]));
});
