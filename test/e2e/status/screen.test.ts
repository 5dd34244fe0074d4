import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { screenLines } from '../../../src/commands/status/screen.js';
import type { FleetView } from '../../../src/commands/status/view.js';
import { INSTANCE_STATES, type InstanceState } from '../../../src/fleet/instance.js';
import { widthOf } from '../../../src/text/width.js';
import { UNKNOWN } from '../../endpoints/samples.js';
import { specOf } from '../../script/specs.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');

function fleetOf(states: readonly InstanceState[], more: Partial<FleetView> = {}): FleetView {
  const instances = states.map((state, instance) => ({
    ...UNKNOWN,
    ...{ instance, state, jobId: `1000_${instance}`, node: `node${instance}` },
    url: state === 'ready' ? `http://10.0.0.${instance}:8080` : null,
    reason: state === 'gone' ? 'its server was ended by SIGKILL 資源不足' : null,
  }));
  return {
    ...{ fleet: 'train', spec: specOf({ fleet: 'train', nodes: states.length }), instances, gateway: null },
    ...{ surplus: [], replacements: [], gateways: [], events: [] },
    keeper: { state: 'none', request: null, record: null },
    ...{ deadKeeper: undefined, leftOut: [], pauses: new Map() },
    ...more,
  };
}

const event = (reason: string): FleetView['events'][number] => ({
  ...{ schema_version: 1, time: '2026-01-01T11:00:00Z', fleet: 'train', type: 'warning', reason },
});

describe('the live screen of a fleet', () => {
  it('shows what is in trouble first, then the history, and what happens next', () => {
    const view = fleetOf(['ready', 'gone'], { events: [event('one'), event('two')] });
    const lines = screenLines(view, NOW, { columns: 80, rows: 24 }, 'updated');
    expect(lines[0]).toMatch(/^fleet train: 1 of 2 ready/);
    expect(lines[2]).toMatch(/^1 +gone/);
    expect(lines.findIndex((line) => /^0 +ready/.test(line))).toBeGreaterThan(2);
    expect(lines.join('\n')).toMatch(
      /warning: one\n.*warning: two\nnext: 'sandboxctl deploy[^\n]*\nupdated$/,
    );
  });

  it('counts the instances that do not fit', () => {
    const view = fleetOf(Array.from({ length: 64 }, (_, at) => (at < 2 ? 'gone' : 'ready')));
    const lines = screenLines(view, NOW, { columns: 80, rows: 12 }, 'updated');
    expect(lines).toHaveLength(12);
    expect(lines.find((line) => line.includes('more:'))).toMatch(/^\d+ more: \d+ ready$/);
  });

  it('says of a fleet that was stopped that it is', () => {
    const lines = screenLines(fleetOf([]), NOW, { columns: 80, rows: 24 }, 'updated');
    expect(lines[0]).toMatch(/^fleet train: stopped \(/);
    expect(lines.slice(1)).toEqual(['updated']);
  });

  it('names why a server is to be replaced, and by which job', () => {
    const view = fleetOf(['ready']);
    const successor = { ...UNKNOWN, instance: 0, state: 'starting' as const, jobId: '2000_0' };
    const due = { kind: 'limit' as const, why: 'its time limit is near' };
    const lines = screenLines(
      { ...view, replacements: [{ slot: 0, due, successor }] },
      NOW,
      { columns: 100, rows: 24 },
      '',
    );
    expect(lines.join('\n')).toContain('to be replaced, since its time limit is near: job 2000_0 takes over');
    expect(lines.join('\n')).toMatch(/^0 +starting +2000_0/m);
  });

  it('never exceeds the terminal', () => {
    const state = fc.constantFrom(...INSTANCE_STATES);
    const size = fc.record({
      columns: fc.integer({ min: 1, max: 130 }),
      rows: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(
        fc.array(state, { maxLength: 70 }),
        fc.nat(30),
        size,
        (states, events, { columns, rows }) => {
          const view = fleetOf(states, {
            events: Array.from({ length: events }, (_, at) => event(`資 event ${at}`)),
          });
          const lines = screenLines(view, NOW, { columns, rows }, 'updated 12:00:00');
          expect(lines.length).toBeLessThanOrEqual(rows);
          expect(Math.max(0, ...lines.map(widthOf))).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

const FAULT = { faults: 8, cause: 'its server ended with exit code 9' };

describe('what follows a death', () => {
  const dead = (pause: { until: number | null }) =>
    screenLines(
      fleetOf(['gone', 'ready'], {
        keeper: { state: 'alive', request: null, record: null },
        pauses: new Map([[0, { ...FAULT, ...pause }]]),
      }),
      NOW,
      { columns: 200, rows: 24 },
      'note',
    ).find((line) => line.startsWith('next: '));

  it.each([
    [{ until: NOW + 40_000 }, /^next: the keeper submits another job in 40s$/],
    [{ until: NOW - 1 }, /^next: the keeper submits another job$/],
    [
      { until: null },
      /^next: the keeper tries no other start, since none of 8 worked \(its server ended with exit code 9\); 'sandboxctl deploy /,
    ],
  ])('%j', (pause, line) => {
    expect(dead(pause)).toMatch(line);
  });
});

it('a node that gets no jobs stands there with why and until when', () => {
  const leftOut = [{ node: 'node3', until: NOW + 52 * 60_000, failed: 3, causes: ['Slurm lost its node'] }];
  const lines = screenLines(fleetOf(['ready'], { leftOut }), NOW, { columns: 200, rows: 24 }, 'note');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^node3 gets no jobs until \d\d:52 \(52m\), as far as other nodes are left: 3 jobs failed there \(Slurm lost its node\)$/,
    ),
  );
});

it('a keeper that is dead is a warning with the whole command', () => {
  const deadKeeper =
    "the keeper of fleet train (job 7) is dead: 'sandboxctl keep --on job' starts another one";
  const lines = screenLines(fleetOf(['ready'], { deadKeeper }), NOW, { columns: 50, rows: 24 }, 'note');
  expect(lines.join(' ')).toContain(`warning: ${deadKeeper}`);
});
