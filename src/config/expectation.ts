import type { Setting } from './settings.js';

/** Far more than the CPUs of any node, so only typing errors exceed it. */
export const WORKERS_MAX = 1_000;

export function expectation(setting: Setting): string {
  switch (setting.kind) {
    case 'int':
      return `a whole number from ${setting.min} to ${setting.max}`;
    case 'switch':
      return 'true or false';
    case 'list':
      return 'a text or a list of texts';
    case 'duration':
      return 'a duration such as 90s, 20m or 1h30m';
    case 'slurmTime':
      return 'a time limit such as 12h, 4d, or in the format of sbatch: 90, 12:00:00, 4-00:00:00 or UNLIMITED';
    case 'size':
      return 'a size such as 50M or 1G';
    case 'choice':
      return `one of ${setting.choices?.join(', ')}`;
    case 'workers':
      return `auto or a whole number from 1 to ${WORKERS_MAX}`;
    case 'portRange':
      return 'FIRST-LAST, ports from 1 to 65535 in ascending order';
    case 'text':
      return 'one line of text';
  }
}
