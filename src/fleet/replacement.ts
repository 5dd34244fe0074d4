import type { Spec, Upkeep } from './spec.js';

/** How replacements go on where nobody says otherwise. Seconds. */
const RENEW_BEFORE_S = 3600;
const WEDGED_AFTER_S = 120;
/** The part of a fleet that is replaced at once, but for fleets of fewer servers: one. */
const AT_ONCE = 0.1;

const tenthOf = (nodes: number): number => Math.max(1, Math.floor(nodes * AT_ONCE));

/** Fills in the defaults. A fleet of N servers never has more than N + `maxSurge` jobs for them. */
export function upkeepOf({ nodes, upkeep = {} }: Pick<Spec, 'nodes' | 'upkeep'>): Required<Upkeep> & {
  /** Servers out of service that are replaced at once. */
  maxWedged: number;
} {
  return {
    maxSurge: upkeep.maxSurge ?? tenthOf(nodes),
    maxUnavailable: upkeep.maxUnavailable ?? 0,
    renewBefore: upkeep.renewBefore ?? RENEW_BEFORE_S,
    wedgedAfter: upkeep.wedgedAfter ?? WEDGED_AFTER_S,
    maxWedged: tenthOf(nodes),
  };
}
