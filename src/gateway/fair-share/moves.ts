/** One gateway, or one process of a gateway, as all of them see it. */
export interface Party {
  id: string;
  /** Slots, with those on their way to it. */
  holds: number;
  /** Requests under way and queued. */
  demand: number;
  waiting: number;
  starving: boolean;
}

export interface Move {
  from: string;
  to: string;
}

const EPSILON = 1e-9;

/**
 * All parties compute the same moves and carry out their own. Free slots go to parties with requests waiting; slots
 * in use move one by one towards equal shares, and in turn to who has none.
 */
export function movesFor(parties: readonly Party[], total: number): Move[] {
  const holds = new Map(parties.map(({ id, holds }) => [id, holds]));
  const shares = fairShares(parties, total);
  const held = ({ id }: Party) => holds.get(id) ?? 0;
  const above = (party: Party) => held(party) - (shares.get(party.id) ?? 0);
  const needs = (party: Party) => party.waiting > 0 && held(party) < party.demand;
  const moves: Move[] = [];
  const move = (from: Party, to: Party) => {
    moves.push({ from: from.id, to: to.id });
    holds.set(from.id, held(from) - 1);
    holds.set(to.id, held(to) + 1);
  };
  const hadTurn = new Set<Party>();
  const isInTurn = (party: Party) => party.starving && party.holds === 0 && !hadTurn.has(party);
  const poorest = () =>
    leastBy(parties.filter(needs), (party) => (isInTurn(party) ? Number.NEGATIVE_INFINITY : above(party)));
  for (const giver of parties) {
    for (let free = giver.waiting > 0 ? 0 : giver.holds - giver.demand; free > 0; free -= 1) {
      const to = poorest();
      if (to === undefined) return moves;
      move(giver, to);
    }
  }
  for (;;) {
    const to = poorest();
    if (to === undefined) return moves;
    const isShort = above(to) <= -1 + EPSILON;
    // The next in turn after the one that gets it, among equals.
    const next = [...parties.filter(({ id }) => id > to.id), ...parties.filter(({ id }) => id < to.id)];
    const from = leastBy(next, (party) => -Math.round(above(party) / EPSILON) * EPSILON);
    if (from === undefined || held(from) === 0 || hadTurn.has(from)) return moves;
    if (isShort && above(from) >= 1 - EPSILON) move(from, to);
    else if (isInTurn(to) && above(from) > EPSILON) move(from, to);
    else return moves;
    hadTurn.add(to);
  }
}

/** Max-min fair: each gets what it demands, but no more than an equal part while another gets less than it demands. */
export function fairShares(
  parties: readonly Pick<Party, 'id' | 'demand'>[],
  total: number,
): Map<string, number> {
  const shares = new Map<string, number>();
  let left = total;
  parties
    .toSorted((a, b) => a.demand - b.demand)
    .forEach(({ id, demand }, at) => {
      const share = Math.min(demand, left / (parties.length - at));
      shares.set(id, share);
      left -= share;
    });
  return shares;
}

function leastBy<T>(all: readonly T[], value: (one: T) => number): T | undefined {
  let least: T | undefined;
  for (const one of all) if (least === undefined || value(one) < value(least)) least = one;
  return least;
}
