import type { Setting } from './setting.js';

export const OUTPUT = [
  {
    key: 'json',
    kind: 'switch',
    default: false,
    group: 'Output',
    commands: ['deploy', 'scale', 'renew', 'keep', 'import-image', 'stop', 'status', 'doctor'],
    about: 'print JSON instead of text; events as NDJSON',
  },
  {
    key: 'yes',
    short: '-y',
    kind: 'switch',
    default: false,
    group: 'Output',
    commands: ['deploy', 'scale', 'renew', 'stop', 'gc'],
    about: 'confirm without asking',
  },
] as const satisfies readonly Setting[];
