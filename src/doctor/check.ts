import type { FactName, Facts } from './facts.js';
import type { Judgement } from './judgement.js';

export type Group = 'machine' | 'slurm' | 'image' | 'node' | 'fleet';

/** One thing to look at: what it must know, and a pure judgement of that. */
export interface Check {
  /** Unique, stable, kebab-case. */
  id: string;
  title: string;
  group: Group;
  needs: readonly FactName[];
  /** Is given the facts that it needs, and no others. */
  judge(facts: Facts): Judgement;
}

/** Its `judge` can reach only the facts that it `needs`. */
export function check<N extends FactName>(
  group: Group,
  id: string,
  title: string,
  needs: readonly N[],
  judge: (facts: Pick<Facts, N>) => Judgement,
): Check {
  return { id, title, group, needs, judge };
}
