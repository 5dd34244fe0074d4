import type { Setting } from './setting.js';

const KEEPERS = ['deploy', 'keep'] as const;

export const KEEPING = [
  {
    key: 'keep',
    kind: 'switch',
    default: false,
    group: 'Keeping',
    commands: ['deploy'],
    about: "also start a keeper, which replaces servers that end, as 'sandboxctl keep' does",
  },
  {
    key: 'keeperPartition',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Keeping',
    commands: KEEPERS,
    example: 'login',
    about: "partition of the keeper's job. Default: that of the gateway, or of the servers",
  },
] as const satisfies readonly Setting[];
