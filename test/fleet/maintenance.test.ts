import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../src/fleet/cluster-policy.js';
import { fitBefore } from '../../src/fleet/maintenance.js';
import { specOf } from '../script/specs.js';
import { NOW } from './facts.js';

const cluster = {
  nodes: ['node1', 'node2', 'node3'].map((name) => ({
    ...{ name, address: '', partition: 'cpuonly', cpus: 4, memory: 1, gpus: 0, state: 'idle' },
  })),
};
const HOUR = 3_600_000;
const spec = specOf({ nodes: 2 });
const maintenance = (changes: Partial<Reservation> = {}): Reservation => ({
  maintenance: true,
  ...{
    name: 'maint',
    from: NOW + 5 * HOUR,
    to: NOW + 9 * HOUR,
    nodes: ['node1', 'node2', 'node3'],
    ...changes,
  },
});
const fitting = (...reservations: Reservation[]) => fitBefore(spec, cluster, reservations, NOW);

describe('a job before a reservation of its nodes', () => {
  it('ends before it begins', () => {
    expect(fitting(maintenance())).toEqual({
      time: '0-04:59:00',
      note: 'the time limit is 0-04:59:00 instead of 4-00:00:00: reservation maint of its nodes begins at 2026-01-01T05:00:00.000Z',
    });
    expect(fitting(maintenance({ name: 'later', from: NOW + 50 * HOUR }), maintenance()).time).toBe(
      '0-04:59:00',
    );
  });

  it('keeps its limit where that ends before, the reservation is over or its own, or enough nodes are left', () => {
    const none = { time: null, note: null };
    expect(fitting(maintenance({ from: NOW + 97 * HOUR, to: NOW + 99 * HOUR }))).toEqual(none);
    expect(fitting(maintenance({ from: NOW - 9 * HOUR, to: NOW }))).toEqual(none);
    expect(fitting(maintenance({ nodes: ['node1'] }))).toEqual(none);
    expect(fitting(maintenance({ nodes: ['other'] }))).toEqual(none);
    const own = { ...spec, job: { ...spec.job, slurm: { ...spec.job.slurm, reservation: 'maint' } } };
    expect(fitBefore(own, cluster, [maintenance()], NOW)).toEqual(none);
  });

  it('cannot start where that is too near, or has begun', () => {
    for (const from of [NOW + 600_000, NOW - HOUR])
      expect(fitting(maintenance({ from }))).toEqual({
        time: null,
        note: 'no job can start before reservation maint of its nodes ends, at 2026-01-01T09:00:00.000Z',
      });
  });
});
