import type { Setting } from './setting.js';

export const FLEET = [
  {
    key: 'nodes',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 10_000,
    default: null,
    group: 'Fleet',
    commands: ['deploy', 'init', 'doctor'],
    example: '4',
    about: 'number of servers; each is one job on its own node',
  },
  {
    key: 'cluster',
    value: '<name>',
    kind: 'choice',
    choices: ['auto', 'slurm', 'local'],
    default: 'auto',
    group: 'Fleet',
    commands: ['deploy', 'init', 'doctor'],
    about: 'where the servers run: slurm or local (this machine); auto selects slurm if squeue is on PATH',
  },
] as const satisfies readonly Setting[];
