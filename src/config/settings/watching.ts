import type { Setting } from './setting.js';

export const WATCHING = [
  {
    key: 'settle',
    value: '<duration>',
    kind: 'duration',
    default: '10s',
    group: 'Watching',
    commands: [],
    about: 'time between the two answers of Slurm that are needed to believe that a job is gone',
  },
] as const satisfies readonly Setting[];
