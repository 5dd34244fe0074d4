import type { Setting } from './setting.js';

export const WATCHING = [
  {
    key: 'settle',
    value: '<duration>',
    kind: 'duration',
    default: '10s',
    group: 'Watching',
    commands: [],
    about: 'time between the two squeue replies that are needed to treat a missing job as ended',
  },
] as const satisfies readonly Setting[];
