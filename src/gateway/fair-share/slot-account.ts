export type Counts = Record<string, number>;

export interface SlotAccount {
  /** Changes whenever the gateway begins anew without slots. */
  member: string;
  /** The order in which gateways joined; null before that. The first that lives holds unheld slots. */
  rank: number | null;
  /** Requests under way and queued. */
  demand: number;
  waiting: number;
  /** It has had requests waiting and no slot for a while. */
  starving: boolean;
  slots: Counts;
  /** Slots given to each other member, and received from it, since both joined. What is in between is on its way. */
  sent: Record<string, Counts>;
  got: Record<string, Counts>;
}

/** What a gateway does with its slots at the moment. */
export interface Usage {
  waiting: number;
  busy: number;
  /** By endpoint: slots that cannot be given away at once. */
  inUse: ReadonlyMap<string, number>;
  totals: ReadonlyMap<string, number>;
  /** Endpoints in rotation: only their slots are worth having. */
  healthy: ReadonlySet<string>;
}

/** Slots that `from` has given away and `to` has not received yet. */
export function onTheWay(from: SlotAccount, to: SlotAccount, url: string): number {
  return Math.max(0, countOf(from.sent, to.member, url) - countOf(to.got, from.member, url));
}

export function countOf(counts: Record<string, Counts>, member: string, url: string): number {
  return counts[member]?.[url] ?? 0;
}

export function addTo(counts: Record<string, Counts>, member: string, url: string, count: number): void {
  const own = counts[member] ?? {};
  counts[member] = own;
  own[url] = (own[url] ?? 0) + count;
}

export function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
