import { type Candidate, isEnding } from './candidate.js';
import { compareSlots, type Slot } from './slot.js';
import { type Spec, slots } from './spec.js';

/** The doubt of an empty slot: only an ending job is worse. */
const EMPTY = 6;

/** The slots that a fleet keeps: those whose jobs have the least doubt, then the lowest numbers. */
export function chosenSlots(spec: Pick<Spec, 'nodes' | 'gateway'>, found: readonly Candidate[]): Slot[] {
  const doubts = new Map<Slot, number>();
  for (const each of found) {
    if (each.slot === undefined || each.worthless || isEnding(each)) continue;
    doubts.set(each.slot, Math.min(doubts.get(each.slot) ?? EMPTY, each.doubt));
  }
  const wanted = slots(spec);
  const all = new Set([...wanted, ...doubts.keys()].filter((slot) => slot !== 'gateway'));
  const best = [...all].sort((a, b) => (doubts.get(a) ?? EMPTY) - (doubts.get(b) ?? EMPTY) || a - b);
  const servers = best.slice(0, spec.nodes).sort(compareSlots);
  return wanted.includes('gateway') ? [...servers, 'gateway'] : servers;
}
