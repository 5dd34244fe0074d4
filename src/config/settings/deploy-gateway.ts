import { DEPLOY, type Setting } from './setting.js';

export const DEPLOY_GATEWAY = [
  {
    key: 'gateway',
    value: '<where>',
    kind: 'choice',
    choices: ['here', 'job', 'none'],
    default: null,
    group: 'Gateway',
    commands: DEPLOY,
    example: 'job',
    about:
      'one URL for the whole fleet (docs/gateway.md), started here or as a small job; none ends it; as it was when left out',
  },
  {
    key: 'gatewayPartition',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Gateway',
    commands: DEPLOY,
    example: 'login',
    about: "partition of the gateway's job; the servers' when left out",
  },
  {
    key: 'gatewayPort',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 65_535,
    default: null,
    group: 'Gateway',
    commands: DEPLOY,
    example: '8080',
    about:
      "port that the gateway tries first; 8080, or on this machine the one after the servers' when left out",
  },
] as const satisfies readonly Setting[];
