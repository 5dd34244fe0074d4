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
  {
    key: 'idleStop',
    value: '<duration>',
    kind: 'duration',
    default: null,
    group: 'Keeping',
    commands: KEEPERS,
    example: '2h',
    about:
      'the keeper stops a fleet that ran nothing for this long; the next exec or deploy starts it again (runtime embedded)',
  },
  {
    key: 'onReady',
    value: '<command>',
    kind: 'text',
    default: null,
    group: 'Hooks',
    commands: KEEPERS,
    example: 'notify-send ready',
    about: 'command to run when all servers are ready; it gets the event as JSON on stdin',
  },
  {
    key: 'onEndpoints',
    value: '<command>',
    kind: 'text',
    default: null,
    group: 'Hooks',
    commands: KEEPERS,
    example: 'systemctl --user reload proxy',
    about: 'command to run when the list of ready servers changes',
  },
  {
    key: 'onFailure',
    value: '<command>',
    kind: 'text',
    default: null,
    group: 'Hooks',
    commands: KEEPERS,
    example: 'mail -s sandbox me@example.org',
    about: 'command to run when a server ends that was not cancelled, or the command fails',
  },
] as const satisfies readonly Setting[];
