import type { UngroupedVerb } from '../verb.js';

export const DEPLOY_VERBS: readonly UngroupedVerb[] = [
  {
    name: 'init',
    summary: 'Write a sandboxctl.yaml for this cluster, with comments on what Slurm reports',
    examples: [
      ['only print it', 'sandboxctl init --print'],
      ['without questions', 'sandboxctl init --nodes 4 --partition cpuonly'],
      [
        'what a SandboxFusion checkout lacks, and how to install it',
        'sandboxctl init --checkout ~/SandboxFusion',
      ],
    ],
    options: [
      [
        '-o, --output-file <file>',
        'file to write, instead of sandboxctl.yaml; an existing file is never changed',
      ],
      ['--print', 'print it instead of writing it'],
      [
        '--checkout <folder>',
        'write nothing; inspect a SandboxFusion checkout and print the commands that complete it',
      ],
    ],
    settings: true,
    run: async (context, given) => {
      const { init } = await import('../../commands/init.js');
      await init(context, {
        flags: given.flags,
        output: given.text('outputFile'),
        print: given.on('print'),
        checkout: given.text('checkout'),
      });
    },
  },
  {
    name: 'import-image',
    args: '[image]',
    summary: 'Import an image from its registry as a .sqsh file, once and verified',
    examples: [
      ['the default image, into the image folder', 'sandboxctl import-image'],
      [
        'your own image, to a file of your choice',
        'sandboxctl import-image registry.example.com/team/box:1 -o box.sqsh',
      ],
      ['in a job, if the login node has no enroot', 'sandboxctl import-image --on job --partition cpuonly'],
    ],
    options: [
      ['-o, --output-file <file>', 'file to write, instead of one in the image folder'],
      ['--force', 'import even if nothing has changed'],
    ],
    settings: true,
    run: async (context, given) => {
      const { importImage } = await import('../../commands/import-image.js');
      await importImage(context, {
        flags: given.flags,
        image: given.argument(0),
        output: given.text('outputFile'),
        force: given.on('force'),
      });
    },
  },
  {
    name: 'deploy',
    summary: 'Deploy a fleet and wait until its servers are ready',
    examples: [
      ['four servers on four nodes; prints their URLs', 'sandboxctl deploy --nodes 4 --partition cpuonly'],
      ['show what would be submitted', 'sandboxctl deploy --nodes 4 --dry-run'],
      ['write the file that the clients read', 'sandboxctl deploy --nodes 4 --client-config endpoints.yaml'],
    ],
    reports: true,
    settings: true,
    run: async (context, given) => {
      const { deploy } = await import('../../commands/deploy.js');
      await deploy(context, { flags: given.flags });
    },
  },
  {
    name: 'keep',
    summary: 'Keep a fleet at its number of servers until it is stopped',
    examples: [
      ['on Slurm in a small job, else in the foreground', 'sandboxctl keep'],
      ['in the background of this machine', 'sandboxctl keep --detach'],
      ['one round, for cron', 'sandboxctl keep --once --fleet train'],
    ],
    options: [
      ['--detach', 'return once a background process keeps the fleet'],
      ['--once', 'check and repair the fleet once, then exit'],
      ['--on <where>', 'where the keeper runs: here, or in a small job (default on Slurm)'],
    ],
    reports: true,
    settings: true,
    run: async (context, given) => {
      const { keep } = await import('../../commands/keep.js');
      await keep(context, {
        flags: given.flags,
        on: given.text('on'),
        detach: given.on('detach'),
        once: given.on('once'),
      });
    },
  },
  {
    name: 'scale',
    args: '<nodes>',
    summary: 'Change the number of servers; those that end finish their runs first',
    examples: [
      ['eight servers', 'sandboxctl scale 8'],
      ['in a script', 'sandboxctl scale 2 --fleet train --yes'],
    ],
    reports: true,
    settings: true,
    run: async (context, given) => {
      const { scale } = await import('../../commands/scale.js');
      await scale(context, { flags: given.flags, nodes: given.argument(0) ?? '' });
    },
  },
  {
    name: 'renew',
    summary: 'Replace every server by a new job, without an interruption for clients',
    examples: [
      ['one after another', 'sandboxctl renew'],
      [
        'on a full cluster: a server stops before its successor starts',
        'sandboxctl renew --max-unavailable 1',
      ],
    ],
    reports: true,
    settings: true,
    run: async (context, given) => {
      const { renew } = await import('../../commands/renew.js');
      await renew(context, { flags: given.flags });
    },
  },
  {
    name: 'stop',
    summary: "Cancel a fleet's jobs and wait until they have ended",
    examples: [
      ['stop the only fleet, after confirmation', 'sandboxctl stop'],
      ['in a script', 'sandboxctl stop --fleet train --yes'],
    ],
    reports: true,
    finishesWithoutReader: true,
    settings: true,
    run: async (context, given) => {
      const { stop } = await import('../../commands/stop.js');
      await stop(context, { flags: given.flags });
    },
  },
];
