import { ASKING } from './asking.js';
import type { Attempt, Mode } from './attempt.js';
import { CALLING } from './calling.js';
import { EXHAUSTING } from './exhausting.js';
import { FORGING } from './forging.js';
import { DESCRIPTORS, INHERITED, KEYRINGS } from './inheriting.js';
import { REACHING } from './reaching.js';
import { READING } from './reading.js';
import { CAPABILITIES } from './rising.js';
import { USING_UP } from './using-up.js';
import { WRITING } from './writing.js';

/**
 * Every attack, by kind. The first of each kind runs in `npm test`, in every mode; the others have the tag
 * `security`. To add one: a row in a kind's file; to add a kind: a file like the others, and a line here.
 */
const KINDS: Readonly<Record<string, readonly Attempt[]>> = {
  reading: READING,
  writing: WRITING,
  reaching: REACHING,
  exhausting: EXHAUSTING,
  asking: ASKING,
  descriptors: DESCRIPTORS,
  inherited: INHERITED,
  keyrings: KEYRINGS,
  capabilities: CAPABILITIES,
  calling: CALLING,
  forging: FORGING,
  'using up': USING_UP,
};

interface KindInMode {
  kind: string;
  /** Each with the tags of its test. */
  rows: readonly { attempt: Attempt; tags: string[] }[];
}

/** What is tried in a mode. Without isolation, few promises hold. */
export function attemptsIn(mode: Mode): KindInMode[] {
  return Object.entries(KINDS).flatMap(([kind, all]) => {
    const attempts = all.filter((attempt) => mode !== 'none' || attempt.withoutIsolation === true);
    const rows = attempts.map((attempt, index) => ({ attempt, tags: index === 0 ? [] : ['security'] }));
    return rows.length === 0 ? [] : [{ kind, rows }];
  });
}
