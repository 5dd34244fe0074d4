/** All that share the same endpoints (gateways, or processes of one), as one of them sees it. */
export interface DemandView {
  /** Our own id. */
  self: string;
  /** Requests under way and queued, by id. */
  demands: ReadonlyMap<string, number>;
  /** Counts rounds: each gives the slots that do not divide evenly to others. */
  turn: number;
}

/** Over the current demand, so that it can grow before the next update. */
const HEADROOM = 1.25;
/** Slots kept by an idle member: its first requests must not wait until the others have shrunk. */
export const MIN_DEMAND = 4;

/**
 * Max-min fair shares of `total`: each gets what it wants, capped at an equal share while another is short;
 * what is left is split equally. The results add up to `total`.
 */
export function allocate(demands: readonly number[], total: number): number[] {
  const wants = demands.map((demand) => Math.max(MIN_DEMAND, demand) * HEADROOM);
  const order = wants.map((_, index) => index).sort((a, b) => (wants[a] ?? 0) - (wants[b] ?? 0));
  const allocated = new Array<number>(wants.length).fill(0);
  let left = total;
  order.forEach((index, at) => {
    const gets = Math.min(wants[index] ?? 0, left / (order.length - at));
    allocated[index] = gets;
    left -= gets;
  });
  return allocated.map((gets) => gets + left / wants.length);
}

/**
 * Rounds shares to whole slots of one endpoint, in proportion to `allocated`; they add up to `limit`. `offset`
 * (0 to 1) decides who gets the remainder, differently on each endpoint.
 */
export function slotCounts(limit: number, allocated: readonly number[], offset: number): number[] {
  const sum = allocated.reduce((all, each) => all + each, 0);
  let before = 0;
  let passed = 0;
  return allocated.map((each, index) => {
    passed += each;
    // The last one gets all that is left, whatever rounding lost.
    const last = index === allocated.length - 1;
    const until = last || sum === 0 ? limit : Math.floor((limit * passed) / sum + offset);
    const upTo = Math.min(limit, Math.max(before, until));
    const mine = upTo - before;
    before = upTo;
    return mine;
  });
}

/** From 0 to 1; every gateway must compute the same value for a URL (FNV-1a hash). */
export function roundingOffset(url: string, turn: number): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < url.length; at += 1) hash = Math.imul(hash ^ url.charCodeAt(at), 16_777_619);
  // Multiples of the golden ratio spread evenly over the unit interval.
  return ((hash >>> 0) / 2 ** 32 + turn * 0.618_033_988_749_895) % 1;
}
