import type { Verb } from './verb.js';

/** Every command, in the order of the help. Each loads its own code when it is called, and not before. */
export const VERBS: readonly Verb[] = [];
