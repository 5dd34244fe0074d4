/** Those that use the same endpoints, as one of them sees it. */
export interface View {
  /** Our own id. */
  self: string;
  /** Runs under way and waiting, by id. */
  demands: ReadonlyMap<string, number>;
  /** Changes who gets what does not divide, where there is too little for all. */
  turn: number;
}

/** Beyond what it wants now, so that more can come before the next look. */
const HEADROOM = 1.25;
/** Who has nothing to do keeps as much for its next requests: until the others gave way they would wait. */
export const LEAST = 4;

/**
 * What each gets of `total`: as much as it wants, but nobody more than an equal part as long as another
 * lacks something; what nobody wants is for all alike. The results add up to `total`.
 */
export function allot(demands: readonly number[], total: number): number[] {
  const wants = demands.map((demand) => Math.max(LEAST, demand) * HEADROOM);
  const order = wants.map((_, index) => index).sort((a, b) => (wants[a] ?? 0) - (wants[b] ?? 0));
  const allotted = new Array<number>(wants.length).fill(0);
  let left = total;
  order.forEach((index, at) => {
    const gets = Math.min(wants[index] ?? 0, left / (order.length - at));
    allotted[index] = gets;
    left -= gets;
  });
  return allotted.map((gets) => gets + left / wants.length);
}

/**
 * The whole slots of an endpoint that belong to each: in proportion to `allotted`, and together all of
 * `limit`. `offset` (0 to 1) says whose what does not divide is: another on each endpoint.
 */
export function parts(limit: number, allotted: readonly number[], offset: number): number[] {
  const sum = allotted.reduce((all, each) => all + each, 0);
  let before = 0;
  let passed = 0;
  return allotted.map((each, index) => {
    passed += each;
    // Exactly all of it at the end, whatever the additions lost.
    const last = index === allotted.length - 1;
    const until = last || sum === 0 ? limit : Math.floor((limit * passed) / sum + offset);
    const upTo = Math.min(limit, Math.max(before, until));
    const mine = upTo - before;
    before = upTo;
    return mine;
  });
}

/** Between 0 and 1, the same for the same URL everywhere. */
export function offsetOf(url: string, turn: number): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < url.length; at += 1) hash = Math.imul(hash ^ url.charCodeAt(at), 16_777_619);
  // The golden ratio's multiples fall evenly into the unit interval.
  return ((hash >>> 0) / 2 ** 32 + turn * 0.618_033_988_749_895) % 1;
}
