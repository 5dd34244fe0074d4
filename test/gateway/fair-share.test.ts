import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ledger } from '../../src/gateway/fair-share/ledger.js';
import { fairShares, movesFor } from '../../src/gateway/fair-share/moves.js';
import { type SlotAccount, sumOf, type Usage } from '../../src/gateway/fair-share/slot-account.js';
import { WorkerSplit } from '../../src/gateway/fair-share/worker-split.js';

const sum = (values: Iterable<number>) => [...values].reduce((all, each) => all + each, 0);
const LEASE_MS = 12_000;
/** How long after its last change others take a gateway for dead. */
const STALE_MS = 15_000;
const BEAT_MS = 2_000;
const SETTLE_MS = 10_000;

/** A gateway with callers that always have another program, and the servers' slots that it uses. */
class Member {
  readonly ledger: Ledger;
  readonly inUse = new Map<string, number>();
  waiting = 0;
  account: SlotAccount | undefined;
  readonly id: string;
  private readonly fleet: Fleet;

  constructor(id: string, fleet: Fleet) {
    this.id = id;
    this.fleet = fleet;
    const options = { leaseMs: LEASE_MS, settleMs: SETTLE_MS, turnMs: 3000 };
    this.ledger = new Ledger({ id, now: () => fleet.now, ...options });
  }

  get busy(): number {
    return sum(this.inUse.values());
  }

  usage(): Usage {
    const { totals } = this.fleet;
    return {
      waiting: this.waiting,
      busy: this.busy,
      inUse: this.inUse,
      totals,
      healthy: new Set(totals.keys()),
    };
  }

  beat(peers: readonly SlotAccount[]): void {
    const { now } = this.fleet;
    this.account = this.ledger.beat(peers, this.usage());
    this.ledger.published(this.account, now);
    this.start();
  }

  start(): void {
    for (const url of this.fleet.totals.keys()) {
      while (this.waiting > 0 && (this.inUse.get(url) ?? 0) < this.ledger.limit(url)) {
        this.inUse.set(url, (this.inUse.get(url) ?? 0) + 1);
        this.waiting -= 1;
      }
    }
  }

  /** Some runs end, and their callers come again at once. */
  finish(count: number): void {
    for (const [url, used] of this.inUse) {
      const ended = Math.min(used, count);
      this.inUse.set(url, used - ended);
      this.waiting += ended;
    }
    this.start();
  }

  free(): number {
    return sum(
      [...this.fleet.totals.keys()].map((url) => this.ledger.limit(url) - (this.inUse.get(url) ?? 0)),
    );
  }
}

class Fleet {
  now = 0;
  readonly totals: Map<string, number>;

  constructor(limits: readonly number[]) {
    this.totals = new Map(limits.map((limit, at) => [`http://node${at}:8080`, limit]));
  }
}

/** Beats in turn, each sees at once what the others have published, until all have joined. */
function together(limits: readonly number[], count: number) {
  const fleet = new Fleet(limits);
  const members: Member[] = [];
  const peersOf = (one: Member) =>
    members.flatMap(({ account, id }) => (id === one.id || !account ? [] : [account]));
  /** Between two beats a gateway beats at once if it is urgent, or if another has given it a slot. */
  const hurry = () => {
    for (let more = true; more; ) {
      more = false;
      for (const one of members) {
        const isGiven = peersOf(one).some(
          ({ member, sent }) => sumOf(sent[one.id] ?? {}) > sumOf(one.account?.got[member] ?? {}),
        );
        if (one.account !== undefined && !isGiven && !one.ledger.isUrgent(one.usage())) continue;
        one.beat(peersOf(one));
        more = true;
      }
    }
  };
  const beat = () => {
    for (const one of members) {
      one.beat(peersOf(one));
      fleet.now += BEAT_MS / members.length;
      hurry();
    }
  };
  for (let at = 0; at < count; at += 1) {
    members.push(new Member(`gateway${at}`, fleet));
    beat();
  }
  return { fleet, members, beat, hurry };
}

test('a gateway that is alone has all slots at once, whatever its demand', () => {
  const { members, beat } = together([1, 1, 1], 1);
  const [alone] = members as [Member];
  for (const waiting of [0, 1, 200, 0]) {
    expect(alone.free() + alone.busy).toBe(3);
    alone.waiting = waiting;
    beat();
  }
});

test('a gateway whose own demand changes gives up nothing, and what others do not need it keeps', () => {
  const { members, beat } = together([8, 8], 3);
  const [first] = members as [Member];
  for (const waiting of [0, 3, 40, 1, 16]) {
    first.waiting = waiting;
    beat();
    expect(first.free() + first.busy).toBe(16);
    first.finish(16);
    first.waiting = 0;
    first.inUse.clear();
  }
});

test('callers 1, 24, 2 and 40 on three servers of one slot: at no beat a waiter beside a free slot', () => {
  const { members, beat, hurry } = together([1, 1, 1], 4);
  [1, 24, 2, 40].forEach((callers, at) => {
    (members[at] as Member).waiting = callers;
  });
  for (const one of members) one.start();
  beat();
  beat();
  const served = members.map(() => 0);
  let idle = 0;
  for (let round = 0; round < 200; round += 1) {
    for (const one of members) {
      one.finish(1);
      hurry();
    }
    beat();
    const busy = sum(members.map((one) => one.busy));
    expect(busy).toBeLessThanOrEqual(3);
    members.forEach((one, at) => {
      served[at] = (served[at] ?? 0) + one.busy;
    });
    if (busy < 3 && members.some(({ waiting }) => waiting > 0)) idle += 1;
  }
  expect(idle).toBe(0);
  // And each has its turn.
  for (const count of served) expect(count).toBeGreaterThan(60);
});

test('a free slot is used within two beats by whoever has a caller waiting', () => {
  const limits = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const demands = fc.array(fc.array(fc.nat(12), { minLength: 4, maxLength: 4 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 4 }), demands, (slots, count, rounds) => {
      const { members, beat, hurry } = together(slots, count);
      const total = sum(slots);
      for (const wanted of rounds) {
        members.forEach((one, at) => {
          one.inUse.clear();
          one.waiting = wanted[at] ?? 0;
          one.start();
        });
        hurry();
        beat();
        beat();
        const busy = sum(members.map((one) => one.busy));
        const waiting = sum(members.map((one) => one.waiting));
        expect(busy).toBe(Math.min(total, busy + waiting));
      }
    }),
    { numRuns: 100 },
  );
});

test('a newcomer gets slots as others give them up, and a dead gateway’s come back', () => {
  const { fleet, members, beat } = together([2, 2], 1);
  const [first] = members as [Member];
  first.waiting = 20;
  first.start();
  const second = new Member('gateway1', fleet);
  members.push(second);
  second.waiting = 20;
  beat();
  expect(second.busy).toBe(0);
  for (let round = 0; round < 4; round += 1) {
    first.finish(2);
    beat();
  }
  expect([first.busy, second.busy]).toEqual([2, 2]);
  members.splice(0, 1);
  second.finish(2);
  beat();
  expect(second.busy).toBe(4);
});

interface Step {
  who: number;
  act: 'beat' | 'want' | 'finish' | 'die' | 'start' | 'pause';
  ms: number;
  count: number;
}

/** Each sees the others' files late, some die, some stand still for so long that the others take them for dead. */
test('the slots in use never add up to more than the limit, however late gateways see each other', () => {
  const step = fc.record({
    who: fc.nat(3),
    act: fc.constantFrom<Step['act']>(
      'beat',
      'beat',
      'beat',
      'beat',
      'want',
      'finish',
      'die',
      'start',
      'pause',
    ),
    ms: fc.nat(1500),
    count: fc.integer({ min: 1, max: 9 }),
  });
  const limits = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
  const delays = fc.array(fc.nat(1500), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 80 }), delays, (slots, steps, late) => {
      const fleet = new Fleet(slots);
      const running: (Member | undefined)[] = [undefined, undefined, undefined, undefined];
      /** What was written when, by place. */
      const files: { at: number; account: SlotAccount }[][] = [[], [], [], []];
      /** When each first saw the latest of each other. */
      const seen = new Map<string, { member: string; at: number; write: number }>();
      const pausedUntil = [0, 0, 0, 0];
      let lives = 0;
      const visible = (reader: number) =>
        files.flatMap((writes, writer) => {
          if (writer === reader) return [];
          // A file's beginning is seen by whoever writes to the folder after it; what is written to it later, later.
          const latest =
            writes.findLast(({ at }) => at + (late[reader * 4 + writer] ?? 0) <= fleet.now) ?? writes[0];
          if (latest === undefined) return [];
          const key = `${running[reader]?.id} ${writer}`;
          const known = seen.get(key);
          const at = known?.write === latest.at ? known.at : fleet.now;
          seen.set(key, { member: latest.account.member, at, write: latest.at });
          return fleet.now - at < STALE_MS ? [latest.account] : [];
        });
      const beat = (who: number) => {
        const one = running[who];
        if (one === undefined || fleet.now < (pausedUntil[who] ?? 0)) return;
        const before = one.usage();
        const account = one.ledger.beat(visible(who), before);
        files[who]?.push({ at: fleet.now, account });
        one.ledger.published(account, fleet.now);
        one.start();
      };
      for (const { who, act, ms, count } of steps) {
        fleet.now += ms;
        const one = running[who];
        if (act === 'start' && one === undefined) {
          lives += 1;
          running[who] = new Member(`gateway${who} ${lives}`, fleet);
          // Written before anything is read, as a gateway does.
          const joining = new Member(`gateway${who} ${lives}`, fleet);
          files[who] = [{ at: fleet.now, account: { ...emptyAccount(joining.id) } }];
        } else if (act === 'die') running[who] = undefined;
        else if (act === 'pause') pausedUntil[who] = fleet.now + count * 3000;
        else if (act === 'want' && one !== undefined) one.waiting += count;
        else if (act === 'finish' && one !== undefined) one.finish(count);
        // Whoever is alive and not paused beats at least this often.
        for (let each = 0; each < 4; each += 1) if (act === 'beat' ? each === who : true) beat(each);
        for (const url of fleet.totals.keys()) {
          const usable = sum(running.map((each) => each?.ledger.limit(url) ?? 0));
          expect(usable).toBeLessThanOrEqual(fleet.totals.get(url) ?? 0);
        }
      }
    }),
    { numRuns: 150 },
  );
});

function emptyAccount(member: string): SlotAccount {
  return { member, rank: null, demand: 0, waiting: 0, starving: false, slots: {}, sent: {}, got: {} };
}

test('fair shares: nobody gets less than an equal part if it demands that, and nobody more than it demands', () => {
  const demands = fc.array(fc.nat(100), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(demands, fc.nat(200), (wanted, total) => {
      const parties = wanted.map((demand, at) => ({ id: String(at), demand }));
      const shares = fairShares(parties, total);
      expect(sum(shares.values())).toBeCloseTo(Math.min(total, sum(wanted)), 6);
      for (const { id, demand } of parties) {
        expect(shares.get(id)).toBeGreaterThanOrEqual(Math.min(demand, total / wanted.length) - 1e-9);
        expect(shares.get(id)).toBeLessThanOrEqual(demand);
      }
    }),
  );
});

test('no slot moves between gateways without need', () => {
  const party = (id: string, holds: number, demand: number, waiting = Math.max(0, demand - holds)) => ({
    ...{ id, holds, demand, waiting, starving: false },
  });
  expect(movesFor([party('a', 4, 0), party('b', 0, 0)], 4)).toEqual([]);
  expect(movesFor([party('a', 2, 9), party('b', 2, 9)], 4)).toEqual([]);
  expect(movesFor([party('a', 3, 9), party('b', 2, 9)], 5)).toEqual([]);
  expect(movesFor([party('a', 4, 9), party('b', 0, 1)], 4)).toEqual([{ from: 'a', to: 'b' }]);
  expect(movesFor([party('a', 1, 9), party('b', 0, 9)], 1)).toEqual([]);
  expect(movesFor([party('a', 1, 9), { ...party('b', 0, 9), starving: true }], 1)).toEqual([
    { from: 'a', to: 'b' },
  ]);
});

test('of several gateways that have no slot for long, one gets one', () => {
  const starving = ['b', 'c', 'd'].map((id) => ({ id, holds: 0, demand: 9, waiting: 9, starving: true }));
  const holder = { id: 'a', holds: 1, demand: 9, waiting: 8, starving: false };
  expect(movesFor([holder, ...starving], 1)).toEqual([{ from: 'a', to: 'b' }]);
});

interface SplitStep {
  who: number;
  act: 'report' | 'want' | 'finish' | 'assign';
  count: number;
}

const stepOf = (who: number, act: SplitStep['act'], count = 1): SplitStep => ({ who, act, count });

/** Each once left a slot idle beside a waiting request, for as long as a run took or for ever. */
const STALLS: [SplitStep[], number[]][] = [
  // The slot that was taken back from the second process is in use; the third one's is idle.
  [
    [stepOf(0, 'want', 3), stepOf(0, 'assign'), stepOf(1, 'want'), stepOf(0, 'report'), stepOf(0, 'assign')],
    [2, 2],
  ],
  // Two processes wait for one slot: it was given to the first, and taken back at once for the second.
  [
    [
      ...[stepOf(2, 'want'), stepOf(2, 'report'), stepOf(1, 'want'), stepOf(1, 'report')],
      ...[stepOf(0, 'assign'), stepOf(1, 'finish'), stepOf(0, 'want'), stepOf(0, 'report')],
    ],
    [0, 1],
  ],
  // The run of the second process is in a slot that was taken back, so that its other one is idle.
  [
    [stepOf(0, 'assign'), stepOf(2, 'want', 5), stepOf(1, 'want'), stepOf(2, 'report'), stepOf(0, 'assign')],
    [3, 3],
  ],
];

test('worker processes never use more slots together than the gateway has, and none stays idle', () => {
  const step = fc.record({
    who: fc.nat(2),
    act: fc.constantFrom<SplitStep['act']>('report', 'report', 'want', 'finish', 'assign'),
    count: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.array(fc.nat(4), { minLength: 2, maxLength: 2 }),
      (steps, slots) => {
        let now = 0;
        const split = new WorkerSplit<number>(() => now, 300);
        const limits = new Map(slots.map((limit, at) => [`u${at}`, limit]));
        const workers = [0, 1, 2].map(() => ({
          waiting: 0,
          inUse: {} as Record<string, number>,
          applied: 0,
          granted: {} as Record<string, number>,
        }));
        const start = (worker: (typeof workers)[number]) => {
          for (const url of limits.keys())
            while (worker.waiting > 0 && (worker.inUse[url] ?? 0) < (worker.granted[url] ?? 0)) {
              worker.inUse[url] = (worker.inUse[url] ?? 0) + 1;
              worker.waiting -= 1;
            }
        };
        const assign = () => {
          for (const [at, { version, slots: granted }] of split.assign(limits)) {
            const worker = workers[at] as (typeof workers)[number];
            worker.granted = granted;
            worker.applied = version;
            start(worker);
          }
        };
        const report = (at: number) => {
          const { waiting, inUse, applied } = workers[at] as (typeof workers)[number];
          split.report(at, { waiting, inUse: { ...inUse }, applied });
        };
        const check = () => {
          for (const [url, limit] of limits)
            expect(sum(workers.map(({ inUse }) => inUse[url] ?? 0))).toBeLessThanOrEqual(limit);
        };
        workers.forEach((_, at) => void split.add(at));
        for (const { who, act, count } of steps) {
          now += 100;
          const worker = workers[who] as (typeof workers)[number];
          if (act === 'report') report(who);
          else if (act === 'assign') assign();
          else if (act === 'want') worker.waiting += count;
          else
            for (const url of limits.keys())
              worker.inUse[url] = Math.max(0, (worker.inUse[url] ?? 0) - count);
          start(worker);
          check();
        }
        for (let round = 0; round < 4; round += 1) {
          workers.forEach((_, at) => void report(at));
          assign();
          check();
        }
        const busy = sum(workers.flatMap(({ inUse }) => Object.values(inUse)));
        const waiting = sum(workers.map((each) => each.waiting));
        expect(busy).toBe(Math.min(sum(slots), busy + waiting));
      },
    ),
    { numRuns: 500, examples: STALLS },
  );
});
