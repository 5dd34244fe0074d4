import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counts, notReadyRows } from '../../src/cli/report/rows.js';
import { eventLine, oneLine } from '../../src/fleet/event-line.js';
import type { InstanceView } from '../../src/fleet/instance.js';
import { truncate, widthOf } from '../../src/text/width.js';
import { UNKNOWN } from '../endpoints/samples.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const screen = { columns: 80, rows: 10, now: NOW, style: (_state: string, text: string) => text };

function view(instance: number, facts: Partial<InstanceView>): InstanceView {
  return { ...UNKNOWN, instance, ...facts };
}

describe('truncate', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcdef', 5, 'abc…'],
    ['資源不足', 8, '資源不足'],
    ['資源不足', 7, '資源…'],
    ['e\u0301e\u0301e\u0301', 6, 'e\u0301…'],
    ['👩‍👩‍👧 family', 8, '…'],
    ['abc', 1, ''],
  ])('%s to %i', (text, columns, cut) => {
    expect(truncate(text, columns)).toBe(cut);
  });

  it('never exceeds its columns', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
        expect(widthOf(truncate(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

it('foreign text becomes one line without escape codes', () => {
  expect(oneLine('a\u001b[31mb\u001b[0m\r\nc\td\u0007 ')).toBe('ab c d');
});

describe('an event as a line', () => {
  const base = { schema_version: 1, time: '2026-01-01T12:00:00Z', fleet: 'sandbox' } as const;
  it.each([
    [{ type: 'plan', reason: '4 instances' }, 'plan: 4 instances'],
    [{ type: 'submitted', job_id: '1000' }, 'submitted job 1000'],
    [
      { type: 'submitted', job_id: '1000', reason: 'job 1000 for instance 0' },
      'submitted job 1000 for instance 0',
    ],
    [{ type: 'warning', reason: 'squeue did not answer\nagain' }, 'warning: squeue did not answer again'],
    [{ type: 'instance', instance: 2, state: 'ready' }, 'instance 2 is ready'],
    [
      { type: 'instance', instance: 2, state: 'gone', job_id: '9_2', node: 'node3', reason: 'out of memory' },
      'job 9_2 of instance 2 on node3 has ended: out of memory',
    ],
    [{ type: 'instance', instance: 2, state: 'pending', reason: 'no job' }, 'instance 2 has no job'],
    [
      { type: 'instance', instance: 2, state: 'pending', job_id: '9_2', reason: 'Resources' },
      'instance 2 waits for Slurm to start job 9_2: Resources',
    ],
    [
      { type: 'gateway', state: 'ready', job_id: '9', node: 'node3', data: { url: 'http://node3:80' } },
      'the gateway is ready at http://node3:80 (job 9 on node3)',
    ],
    [
      { type: 'endpoints', data: { ready: 1, nodes: 2 }, reason: '1 of 2 ready' },
      'clients have 1 of 2 servers now',
    ],
    [
      {
        type: 'plan',
        reason: '2 servers on this machine',
        data: { command: 'scale', generation: 3, changes: [{ field: 'nodes', from: '1', to: '2' }] },
      },
      'scale asks for 2 servers on this machine, changing nodes from 1 to 2 (generation 3)',
    ],
    [
      { type: 'result', reason: '2 servers are ready', data: { command: 'deploy', exit_code: 0 } },
      'deploy has finished: 2 servers are ready',
    ],
    // Of versions that wrote only this.
    [{ type: 'result', reason: '2 ready', data: { exit_code: 0 } }, 'the command has finished: 2 ready'],
    [
      { type: 'instance', instance: 1, state: 'draining', job_id: '9_1', reason: 'cancelled: of no use' },
      'instance 1 is ending (job 9_1): cancelled: of no use',
    ],
  ] as const)('%j', (body, line) => {
    expect(eventLine({ ...base, ...body })).toBe(line);
  });
});

describe('rows of instances that are not ready', () => {
  const fleet = [
    view(0, { state: 'ready' }),
    view(1, { reason: 'Resources', jobId: '1000_1', expectedStart: '2026-01-03T06:30:00Z' }),
    view(2, { state: 'starting', node: 'node2', jobId: '1000_2', startedAt: '2026-01-01T11:59:30Z' }),
    view(10, { state: 'gone', reason: 'out of memory' }),
  ];

  it('are counted by state', () => {
    expect(counts(fleet)).toBe('1 ready, 1 pending, 1 starting, 1 gone');
    expect(counts([])).toBe('0 ready');
  });

  it('list problems first', () => {
    expect(notReadyRows(fleet, screen)).toEqual([
      '  10  gone       out of memory',
      '   2  starting   on node2, job 1000_2, for 0:30',
      expect.stringMatching(/^ {3}1 {2}pending {4}Resources, expected 2026-01-0\d \d\d:\d\d, job 1000_1$/),
    ]);
  });

  it('are cut to the screen’s height, the rest counted with reasons', () => {
    const pending = Array.from({ length: 64 }, (_, i) =>
      view(i, { reason: i < 4 ? 'Resources' : 'Priority' }),
    );
    const rows = notReadyRows(pending, { ...screen, rows: 3, columns: 40 });
    expect(rows).toEqual([
      '   0  pending    Resources',
      '   1  pending    Resources',
      '  62 more: 2 pending (Resources), 60 p…',
    ]);
    expect(notReadyRows(pending, { ...screen, rows: 0 })).toEqual([]);
  });
});
