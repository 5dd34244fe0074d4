import { Ledger } from '../../../src/gateway/fair-share/ledger.js';
import { type SlotAccount, sumOf, type Usage } from '../../../src/gateway/fair-share/slot-account.js';

export const sum = (values: Iterable<number>) => [...values].reduce((all, each) => all + each, 0);
const LEASE_MS = 12_000;
const BEAT_MS = 2_000;
const SETTLE_MS = 10_000;

/** A gateway with callers that always have another program, and the servers' slots that it uses. */
export class Member {
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

export class Fleet {
  now = 0;
  readonly totals: Map<string, number>;

  constructor(limits: readonly number[]) {
    this.totals = new Map(limits.map((limit, at) => [`http://node${at}:8080`, limit]));
  }
}

/** Gateways that beat in turn and see at once what the others have published. All have joined. */
export function together(limits: readonly number[], count: number) {
  const fleet = new Fleet(limits);
  const members: Member[] = [];
  const peersOf = (one: Member) =>
    members.flatMap(({ account, id }) => (id === one.id || !account ? [] : [account]));
  /** Between two beats a gateway beats at once if it is urgent, or if another has given it a slot. */
  const beatUrgently = () => {
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
      beatUrgently();
    }
  };
  for (let at = 0; at < count; at += 1) {
    members.push(new Member(`gateway${at}`, fleet));
    beat();
  }
  return { fleet, members, beat, beatUrgently };
}
