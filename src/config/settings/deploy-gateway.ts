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
      'one URL for the whole fleet (docs/gateway.md): here, as a small job, or none, which stops it. Default: keep the current setting',
  },
  {
    key: 'gatewayPartition',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Gateway',
    commands: DEPLOY,
    example: 'login',
    about: "partition of the gateway's job. Default: that of the servers",
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
      "first port that the gateway tries. Default: 8080, or on this machine the one after the servers' ports",
  },
] as const satisfies readonly Setting[];
