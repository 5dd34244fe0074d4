import type { Subject } from './case.js';
import { LANGUAGE_PROGRAMS } from './languages.js';
import { LIMITS } from './limits.js';
import { MACHINE } from './machine.js';
import { PROCESSES } from './processes.js';
import { programsInFiles } from './sources.js';
import { STDIO } from './stdio.js';

/** All programs, by what they are about. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  stdio: STDIO,
  limits: LIMITS,
  processes: PROCESSES,
  machine: MACHINE,
  languages: LANGUAGE_PROGRAMS,
  ...programsInFiles(),
};
