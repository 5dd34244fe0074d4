import { describe, expect, it } from 'vitest';
import { type DrainFacts, drained, type GatewayReport, gatewayDrained } from '../../src/fleet/drain.js';

const drain = { jobId: '1_0', since: 1_000, beat: 5 };
const gateway = (draining: Record<string, number>, more: Partial<GatewayReport> = {}): GatewayReport => ({
  ...{ jobId: null, underWay: 0, draining: new Map(Object.entries(draining)), inRotation: null, ...more },
});
const facts = (changes: Partial<DrainFacts> = {}): DrainFacts => ({
  ...{ now: 1_500, longest: 30_000, gateways: [], registration: undefined, running: null, ...changes },
});
const told = (beat: number, connections: number | null, state: 'ready' | 'gone' = 'ready') => ({
  ...{ beat, connections, state },
});

describe('a server has drained', () => {
  it.each<[boolean, string, Partial<DrainFacts>]>([
    [false, 'no gateway, and nobody says anything of it', {}],
    [true, 'the longest drain is over', { now: 31_000 }],
    [true, 'its job says that it is gone', { registration: told(6, 3, 'gone'), gateways: [gateway({})] }],
    [false, 'one of two gateways has not seen it yet', { gateways: [gateway({ '1_0': 0 }), gateway({})] }],
    [false, 'a gateway has a run there', { gateways: [gateway({ '1_0': 0 }), gateway({ '1_0': 1 })] }],
    [true, 'all gateways have none', { gateways: [gateway({ '1_0': 0 }), gateway({ '1_0': 0 })] }],
    [false, 'it has runs by its own account', { running: 1 }],
    [true, 'it has none by its own account', { running: 0 }],
    [false, 'nobody was connected, but that was before the drain', { registration: told(5, 0) }],
    [false, 'somebody is connected', { registration: told(6, 2) }],
    [true, 'nobody is connected any more', { registration: told(6, 0) }],
    [false, 'its job does not say who is connected', { registration: told(6, null) }],
    [
      false,
      'a gateway has runs there, though it is idle by its own account',
      {
        gateways: [gateway({ '1_0': 2 })],
        running: 0,
      },
    ],
  ])('%s: %s', (expected, _, changes) => {
    expect(drained(drain, facts(changes))).toBe(expected);
  });
});

describe('a gateway has drained', () => {
  const own = gateway({}, { jobId: '1_0', underWay: 3 });
  it.each([
    [false, 'servers still drain', { gateways: [own] }, { serversLeft: true, stopping: true }],
    [true, 'no server is left to answer', { gateways: [own] }, { serversLeft: false, stopping: true }],
    [false, 'requests are under way', { gateways: [own] }, { serversLeft: false, stopping: false }],
    [
      true,
      'it has answered all',
      { gateways: [{ ...own, underWay: 0 }] },
      { serversLeft: false, stopping: false },
    ],
    [true, 'it reports no more', { gateways: [] }, { serversLeft: false, stopping: false }],
    [
      true,
      'the longest drain is over',
      { gateways: [own], now: 31_000 },
      { serversLeft: false, stopping: false },
    ],
  ])('%s: %s', (expected, _, changes, where) => {
    expect(gatewayDrained(drain, facts(changes), where)).toBe(expected);
  });
});
