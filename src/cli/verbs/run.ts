import type { UngroupedVerb } from '../verb.js';

export const RUN_VERBS: readonly UngroupedVerb[] = [
  {
    name: 'run',
    args: '[file]',
    summary: 'Run a program on the fleet, and exit with its code',
    examples: [
      ['the extension selects the language', 'sandboxctl run hello.py'],
      ['from a pipe', "echo 'print(6 * 7)' | sandboxctl run --language python"],
      ['upload one file and download another', 'sandboxctl run sum.py --file data.csv --fetch sums.csv'],
    ],
    options: [
      ['--language <name>', "the program's language, if its file extension does not show it"],
      ['--stdin <file>', 'file to use as standard input of the program; - reads ours'],
      ['--timeout <duration>', 'time limit of the program (default: 10s)'],
      ['--memory <mb>', 'memory limit of the program, in megabytes'],
      ['--file <path>', 'file to upload next to the program; may be repeated', 'repeats'],
      ['--fetch <path>', 'file of the program to download; may be repeated', 'repeats'],
      ['--token-file <file>', 'file with the token that the servers require; or set SANDBOXCTL_TOKEN'],
      ['--json', 'print the whole answer as one JSON document'],
    ],
    endsWithProgram: true,
    run: async (context, given) => {
      const { run } = await import('../../commands/run.js');
      await run(context, {
        file: given.argument(0),
        language: given.text('language'),
        stdin: given.text('stdin'),
        timeout: given.text('timeout'),
        memory: given.text('memory'),
        files: given.list('file'),
        fetch: given.list('fetch'),
        tokenFile: given.text('tokenFile'),
        json: given.on('json'),
      });
    },
  },
  {
    name: 'exec',
    args: '<command...>',
    summary: 'Run a command that reaches the fleet under one fixed URL, on every node of its job',
    examples: [
      ['clients find the URL in their own variables', 'sandboxctl exec -- python train.py'],
      [
        'with verl: train.sh sets reward.sandbox_fusion.url=$SANDBOX_FUSION_URL',
        'sandboxctl exec -- bash train.sh',
      ],
    ],
    options: [
      ['--timeout <duration>', 'time limit of the command; exec then exits with 124'],
      ['--wait <duration>', 'maximum wait for a ready server (default: 20m)'],
      ['--endpoint <url>', 'server to use instead of a fleet; may be repeated', 'repeats'],
    ],
    endsWithProgram: true,
    passesThrough: true,
    run: async (context, given) => {
      const { exec } = await import('../../commands/exec.js');
      await exec(context, {
        flags: given.flags,
        command: given.arguments(),
        timeout: given.text('timeout'),
        wait: given.text('wait'),
        endpoints: given.list('endpoint'),
      });
    },
  },
];
