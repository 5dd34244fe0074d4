import { DEPLOY, type Setting } from './setting.js';

export const REPLACING = [
  {
    key: 'maxSurge',
    value: '<n>',
    kind: 'int',
    min: 0,
    max: 10_000,
    default: null,
    group: 'Replacing',
    commands: ['deploy', 'renew'],
    example: '2',
    about: 'number of extra servers while servers are replaced. Default: a tenth of the fleet, at least 1',
  },
  {
    key: 'maxUnavailable',
    value: '<n>',
    kind: 'int',
    min: 0,
    max: 10_000,
    default: null,
    group: 'Replacing',
    commands: ['deploy', 'renew'],
    example: '1',
    about:
      'number of servers that may stop before their successors are ready. Default: 0, or 1 if the fleet uses every node',
  },
  {
    key: 'renewBefore',
    value: '<duration>',
    kind: 'duration',
    default: '1h',
    group: 'Replacing',
    commands: DEPLOY,
    about: "how long before a job's time limit `keep` replaces it, at the latest; spread over twice that",
  },
  {
    key: 'wedgedAfter',
    value: '<duration>',
    kind: 'duration',
    default: '2m',
    group: 'Replacing',
    commands: DEPLOY,
    about: 'how long a server must fail all health checks before it is replaced',
  },
] as const satisfies readonly Setting[];
