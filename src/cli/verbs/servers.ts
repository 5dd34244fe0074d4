import type { UngroupedVerb } from '../verb.js';

export const SERVER_VERBS: readonly UngroupedVerb[] = [
  {
    name: 'serve',
    summary: 'Run the embedded sandbox server on this machine',
    examples: [
      ['for programs on this machine', 'sandboxctl serve'],
      ['for other machines too, with a token', 'sandboxctl serve --listen 0.0.0.0:8080 --token-file token'],
    ],
    settings: true,
    run: async (context, given) => {
      const { serve } = await import('../../commands/serve.js');
      await serve(context, { flags: given.flags });
    },
  },
  {
    name: 'gateway',
    summary: 'Serve a whole fleet, or servers of your choice, under one URL',
    examples: [
      ['for the only fleet', 'sandboxctl gateway'],
      [
        'for clients on other machines too, with a token',
        'sandboxctl gateway --listen 0.0.0.0:8080 --token-file token',
      ],
      [
        'for servers that sandboxctl did not start',
        'sandboxctl gateway --endpoint http://node1:8080 --endpoint http://node2:8080',
      ],
    ],
    options: [
      ['--endpoint <url>', 'server to use instead of a fleet; may be repeated', 'repeats'],
      ['--workers <n>', 'processes that share the port (default: 1)'],
    ],
    settings: true,
    run: async (context, given) => {
      const { gateway } = await import('../../commands/gateway.js');
      await gateway(context, {
        flags: given.flags,
        endpoints: given.list('endpoint'),
        workers: given.text('workers'),
      });
    },
  },
];
