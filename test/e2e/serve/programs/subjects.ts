import type { Subject } from './case.js';
import { LIMITS } from './limits.js';
import { PROCESSES } from './processes.js';
import { STDIO } from './stdio.js';

/** All programs, by what they are about. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  stdio: STDIO,
  limits: LIMITS,
  processes: PROCESSES,
};
