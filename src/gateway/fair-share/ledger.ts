import { movesFor, type Party } from './moves.js';
import {
  addTo,
  type Counts,
  countOf,
  onTheWay,
  type SlotAccount,
  sumOf,
  type Usage,
} from './slot-account.js';

export interface LedgerOptions {
  id: string;
  now(): number;
  /** Milliseconds after its last publication for which others leave a gateway's slots alone, less a margin. */
  leaseMs: number;
  /** Milliseconds until gateways that begin together have seen each other. */
  settleMs: number;
  turnMs: number;
}

/**
 * The slots of the servers that this gateway holds. Only their holder can give them away, and the receiver uses them
 * after both have published it, so they are never more than there are. The member that joined first gets those of a
 * gateway that is gone.
 */
export class Ledger {
  private readonly options: LedgerOptions;
  private readonly startedAt: number;
  private lives = 1;
  private rank: number | null = null;
  private slots: Counts = {};
  private sent: Record<string, Counts> = {};
  private got: Record<string, Counts> = {};
  private usable: Counts = {};
  private publishedAt: number;
  private toldWaiting = false;
  private starvingSince: number | undefined;
  /** Slots that leave when their runs have ended. */
  private leaving: Counts = {};
  private readonly known = new Set<string>();
  private readonly departed = new Set<string>();

  constructor(options: LedgerOptions) {
    this.options = options;
    this.startedAt = options.now();
    this.publishedAt = this.startedAt;
  }

  /** What to publish before anything of the others is read: of two gateways that begin together one sees the other. */
  joining(): SlotAccount {
    return this.account(NO_USAGE);
  }

  limits(): Map<string, number> {
    return new Map(Object.keys(this.slots).map((url) => [url, this.limit(url)]));
  }

  limit(url: string): number {
    if (this.isFenced()) return 0;
    const held = Math.min(this.slots[url] ?? 0, this.usable[url] ?? 0);
    return Math.max(0, held - (this.leaving[url] ?? 0));
  }

  /** Returns what to publish; call `published` when that succeeded. Until then no limit is higher than it was. */
  beat(peers: readonly SlotAccount[], usage: Usage): SlotAccount {
    const { totals } = usage;
    if (this.isFenced()) this.beginAnew();
    this.followMembers(peers);
    this.receive(peers);
    this.fit(peers, totals);
    if (this.rank === null) this.join(peers);
    if (this.isFirst(peers)) this.takeUnheld(peers, totals);
    this.give(peers, usage);
    return this.account(usage);
  }

  published({ member, slots, waiting }: SlotAccount, at: number): void {
    if (member !== this.member) return;
    this.publishedAt = at;
    this.usable = slots;
    this.toldWaiting = waiting > 0;
  }

  /** Whether others should hear of it now: requests wait that they do not know of, or a slot can leave that is due. */
  isUrgent({ waiting, inUse }: Pick<Usage, 'waiting' | 'inUse'>): boolean {
    if (waiting > 0 && !this.toldWaiting) return true;
    return Object.entries(this.leaving).some(
      ([url, count]) => count > 0 && (this.slots[url] ?? 0) > (inUse.get(url) ?? 0),
    );
  }

  private get member(): string {
    return this.lives === 1 ? this.options.id : `${this.options.id}#${this.lives}`;
  }

  private isFenced(): boolean {
    return this.rank !== null && this.options.now() - this.publishedAt > this.options.leaseMs;
  }

  private beginAnew(): void {
    this.lives += 1;
    this.rank = null;
    [this.slots, this.usable, this.leaving, this.sent, this.got] = [{}, {}, {}, {}, {}];
  }

  private followMembers(peers: readonly SlotAccount[]): void {
    const live = new Set(peers.map(({ member }) => member));
    for (const member of this.known) {
      if (live.has(member)) continue;
      this.known.delete(member);
      this.departed.add(member);
      delete this.sent[member];
      delete this.got[member];
    }
    for (const member of live) this.known.add(member);
  }

  private receive(peers: readonly SlotAccount[]): void {
    for (const { member, sent } of peers) {
      for (const [url, count] of Object.entries(sent[this.member] ?? {})) {
        const fresh = count - countOf(this.got, member, url);
        if (fresh <= 0) continue;
        addTo(this.got, member, url, fresh);
        this.slots[url] = (this.slots[url] ?? 0) + fresh;
      }
    }
  }

  private fit(peers: readonly SlotAccount[], totals: ReadonlyMap<string, number>): void {
    const isLast = peers.every(({ member }) => member < this.member);
    for (const [url, count] of Object.entries(this.slots)) {
      const total = totals.get(url);
      if (total === undefined) delete this.slots[url];
      else {
        const excess = isLast ? this.heldOf(url, peers) - total : count - total;
        if (excess > 0) this.slots[url] = Math.max(0, count - excess);
      }
    }
  }

  private join(peers: readonly SlotAccount[]): void {
    const ranks = peers.flatMap(({ rank }) => rank ?? []);
    if (ranks.length > 0) this.rank = Math.max(...ranks) + 1;
    else if (peers.length === 0) this.rank = 0;
    else if (this.options.now() - this.startedAt >= this.options.settleMs) {
      // All of them begin: the first by name has all slots, and the others see that.
      if (peers.every(({ member }) => this.member < member)) this.rank = 0;
    }
  }

  private isFirst(peers: readonly SlotAccount[]): boolean {
    const { rank, member } = this;
    if (rank === null) return false;
    return peers.every((peer) => {
      if (peer.rank === null) return true;
      return peer.rank === rank ? member < peer.member : rank < peer.rank;
    });
  }

  private takeUnheld(peers: readonly SlotAccount[], totals: ReadonlyMap<string, number>): void {
    for (const [url, total] of totals) {
      const unheld = total - this.heldOf(url, peers);
      if (unheld > 0) this.slots[url] = (this.slots[url] ?? 0) + unheld;
    }
  }

  /** Slots that are held by a live gateway, or may be. */
  private heldOf(url: string, peers: readonly SlotAccount[]): number {
    const all = [this.view(NO_USAGE), ...peers];
    const byMember = new Map(all.map((each) => [each.member, each]));
    let held = 0;
    for (const from of all) {
      held += from.slots[url] ?? 0;
      for (const member of Object.keys(from.sent)) {
        const to = byMember.get(member);
        if (to !== undefined) held += onTheWay(from, to, url);
        // Another has seen a gateway that this one has not: it may hold all of it.
        else if (!this.departed.has(member)) held += countOf(from.sent, member, url);
      }
    }
    return held;
  }

  private give(peers: readonly SlotAccount[], usage: Usage): void {
    const { totals, healthy } = usage;
    const isWithout = usage.waiting > 0 && sumOf(this.slots) === 0;
    this.starvingSince = isWithout ? (this.starvingSince ?? this.options.now()) : undefined;
    this.leaving = {};
    if (this.rank === null) return;
    let total = 0;
    for (const [url, count] of totals) if (healthy.has(url)) total += count;
    const all = [this.view(usage), ...peers];
    const parties = all.map((each) => partyOf(each, all, healthy)).sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const { from, to } of movesFor(parties, total)) if (from === this.member) this.carryOut(to, usage);
  }

  private carryOut(to: string, { inUse, healthy }: Usage): void {
    const left = (url: string) => (this.slots[url] ?? 0) - (this.leaving[url] ?? 0);
    const spare = (url: string) => left(url) - (inUse.get(url) ?? 0);
    const urls = Object.keys(this.slots).filter((url) => left(url) > 0 && healthy.has(url));
    const [url] = urls.sort((a, b) => spare(b) - spare(a) || left(b) - left(a));
    if (url === undefined) return;
    if (spare(url) > 0) {
      this.slots[url] = (this.slots[url] ?? 0) - 1;
      addTo(this.sent, to, url, 1);
    } else this.leaving[url] = (this.leaving[url] ?? 0) + 1;
  }

  private account(usage: Pick<Usage, 'waiting' | 'busy'>): SlotAccount {
    const { slots, sent, got, ...view } = this.view(usage);
    return { ...view, slots: { ...slots }, sent: copyOf(sent), got: copyOf(got) };
  }

  private view({ waiting, busy }: Pick<Usage, 'waiting' | 'busy'>): SlotAccount {
    const { now, turnMs } = this.options;
    const { member, rank, starvingSince, slots, sent, got } = this;
    const starving = starvingSince !== undefined && now() - starvingSince >= turnMs;
    return { member, rank, demand: waiting + busy, waiting, starving, slots, sent, got };
  }
}

function copyOf(counts: Record<string, Counts>): Record<string, Counts> {
  return Object.fromEntries(Object.entries(counts).map(([member, own]) => [member, { ...own }]));
}

const NO_USAGE = { waiting: 0, busy: 0 };

function partyOf(account: SlotAccount, all: readonly SlotAccount[], healthy: ReadonlySet<string>): Party {
  let holds = 0;
  for (const [url, count] of Object.entries(account.slots)) if (healthy.has(url)) holds += count;
  for (const from of all) {
    for (const url of Object.keys(from.sent[account.member] ?? {}))
      if (healthy.has(url)) holds += onTheWay(from, account, url);
  }
  const { member: id, demand, waiting, starving } = account;
  return { id, holds, demand, waiting, starving };
}
