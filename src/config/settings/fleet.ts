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
    commands: ['deploy', 'init'],
    example: '4',
    about: 'how many servers, each a job on a node of its own',
  },
  {
    key: 'cluster',
    value: '<name>',
    kind: 'choice',
    choices: ['auto', 'slurm', 'local'],
    default: 'auto',
    group: 'Fleet',
    commands: ['deploy', 'init'],
    about: 'where the servers run: slurm, or local: this machine; auto is slurm where squeue is on PATH',
  },
] as const satisfies readonly Setting[];
