import { describe, expect, it } from 'vitest';
import { nodesToExclude } from '../../src/fleet/avoided-nodes.js';
import { decide } from '../../src/fleet/decide.js';
import { type Fault, isFault, leftOutNodes, pausesOf, remembered } from '../../src/fleet/faults.js';
import { specOf } from '../script/specs.js';
import { factsOf, NOW } from './facts.js';

const HOUR = 3_600_000;
const fault = (changes: Partial<Fault> = {}): Fault => ({
  ...{ at: NOW, slot: 0, jobId: '1_0', hash: 'h', node: 'node1', state: 'FAILED', cause: 'exit code 9' },
  ...{ lasted: 3, neverReady: false, ...changes },
});
const times = (count: number, changes: Partial<Fault> = {}) =>
  Array.from({ length: count }, () => fault(changes));

describe('the next job of a slot', () => {
  it('waits longer after each job that did not last, up to ten minutes', () => {
    const seconds = [1, 2, 3, 7, 8, 20].map(
      (count) => ((pausesOf(times(count), 'h', 0)?.until ?? 0) - NOW) / 1000,
    );
    expect(seconds).toEqual([5, 10, 20, 320, 600, 600]);
  });

  it('waits a minute at most where jobs ended from outside, and is not given up for that', () => {
    for (const state of ['CANCELLED', 'PREEMPTED', 'NODE_FAIL']) {
      const seconds = [1, 2, 5, 20].map(
        (count) => ((pausesOf(times(count, { state, neverReady: true }), 'h', 0)?.until ?? 0) - NOW) / 1000,
      );
      expect(seconds).toEqual([5, 10, 60, 60]);
    }
    const crashes = times(7);
    expect(pausesOf([...crashes, fault({ state: 'CANCELLED' })], 'h', 0)?.until).toBe(NOW + 320_000);
  });

  it('waits for nothing after one that lasted, was another slot’s, or of another spec', () => {
    expect(pausesOf([fault({ lasted: 601 })], 'h', 0)).toBeUndefined();
    expect(pausesOf([...times(5), fault({ lasted: 601 })], 'h', 0)).toBeUndefined();
    expect(pausesOf([fault({ slot: 1 }), fault({ hash: 'old' })], 'h', 0)).toBeUndefined();
  });

  it('is not tried any more where no server of the spec was ever ready', () => {
    expect(pausesOf(times(7, { neverReady: true }), 'h', 0)?.until).not.toBeNull();
    expect(pausesOf(times(8, { neverReady: true }), 'h', 0)).toMatchObject({
      until: null,
      cause: 'exit code 9',
    });
    expect(pausesOf([fault({ slot: 1 }), ...times(8, { neverReady: true })], 'h', 0)?.until).not.toBeNull();
  });

  it('is submitted by who stays once the pause is over; a command that ends tries at once', () => {
    const decided = (at: number, keeps: boolean) =>
      decide({ nodes: 1, hash: 'h' }, factsOf({ submissions: [], faults: [fault({ at })], keeps })).submit;
    expect([decided(NOW - 4_999, true), decided(NOW - 5_000, true), decided(NOW, false)]).toEqual([
      [],
      [0],
      [0],
    ]);
  });
});

describe('a node is left out', () => {
  const nodes = (faults: readonly Fault[], now = NOW) => leftOutNodes(faults, now).map(({ node }) => node);

  it('for an hour after the second job that failed there', () => {
    expect(nodes(times(1))).toEqual([]);
    expect(leftOutNodes(times(2), NOW)).toEqual([
      { node: 'node1', until: NOW + HOUR, failed: 2, causes: ['exit code 9'] },
    ]);
    expect(nodes(times(2), NOW + HOUR)).toEqual([]);
  });

  it('but not for what is no fault of the node', () => {
    for (const state of ['PREEMPTED', 'CANCELLED', 'OUT_OF_MEMORY'])
      expect(nodes(times(3, { state }))).toEqual([]);
    for (const state of ['NODE_FAIL', 'BOOT_FAIL', 'WEDGED'])
      expect(nodes(times(2, { state }))).toEqual(['node1']);
  });

  const cluster = (count: number) => ({
    nodes: Array.from({ length: count }, (_, at) => ({
      ...{
        name: `node${at + 1}`,
        address: '',
        partition: 'cpuonly',
        cpus: 4,
        memory: 1,
        gpus: 0,
        state: 'idle',
      },
    })),
  });
  const bad = [1, 2].map((at) => ({ node: `node${at}`, until: NOW, failed: 2, causes: [] }));
  const spec = specOf({ nodes: 2 });

  it('as long as the fleet keeps enough others', () => {
    expect(nodesToExclude(spec, cluster(4), bad)).toEqual(['node1', 'node2']);
    expect(nodesToExclude(spec, cluster(3), bad)).toEqual(['node1']);
    expect(nodesToExclude(spec, cluster(2), bad)).toEqual([]);
  });

  it('not where the spec names one node', () => {
    const job = { ...spec.job, slurm: { ...spec.job.slurm, nodelist: ['node1'] } };
    expect(nodesToExclude({ ...spec, job }, cluster(4), bad)).toEqual([]);
  });
});

it('a time limit is no fault, and faults are remembered for a day', () => {
  expect(['TIMEOUT', 'FAILED', 'RUNNING'].map(isFault)).toEqual([false, true, true]);
  expect(remembered([fault({ at: NOW - 24 * HOUR }), fault()], NOW)).toHaveLength(1);
});
