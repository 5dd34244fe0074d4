import type { Verb } from './verb.js';

/** Every command, in the order of the help. Each loads its code only when it is called. */
export const VERBS: readonly Verb[] = [
  {
    name: 'init',
    group: 'Deploy',
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
      const { init } = await import('../commands/init.js');
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
    group: 'Deploy',
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
      const { importImage } = await import('../commands/import-image.js');
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
    group: 'Deploy',
    summary: 'Deploy a fleet and wait until its servers are ready',
    examples: [
      ['four servers on four nodes; prints their URLs', 'sandboxctl deploy --nodes 4 --partition cpuonly'],
      ['show what would be submitted', 'sandboxctl deploy --nodes 4 --dry-run'],
      ['write the file that the clients read', 'sandboxctl deploy --nodes 4 --client-config endpoints.yaml'],
    ],
    reports: true,
    settings: true,
    run: async (context, given) => {
      const { deploy } = await import('../commands/deploy.js');
      await deploy(context, { flags: given.flags });
    },
  },
  {
    name: 'keep',
    group: 'Deploy',
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
      const { keep } = await import('../commands/keep.js');
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
    group: 'Deploy',
    summary: 'Change the number of servers; those that end finish their runs first',
    examples: [
      ['eight servers', 'sandboxctl scale 8'],
      ['in a script', 'sandboxctl scale 2 --fleet train --yes'],
    ],
    reports: true,
    settings: true,
    run: async (context, given) => {
      const { scale } = await import('../commands/scale.js');
      await scale(context, { flags: given.flags, nodes: given.argument(0) ?? '' });
    },
  },
  {
    name: 'renew',
    group: 'Deploy',
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
      const { renew } = await import('../commands/renew.js');
      await renew(context, { flags: given.flags });
    },
  },
  {
    name: 'stop',
    group: 'Deploy',
    summary: "Cancel a fleet's jobs and wait until they have ended",
    examples: [
      ['stop the only fleet, after confirmation', 'sandboxctl stop'],
      ['in a script', 'sandboxctl stop --fleet train --yes'],
    ],
    reports: true,
    finishesWithoutReader: true,
    settings: true,
    run: async (context, given) => {
      const { stop } = await import('../commands/stop.js');
      await stop(context, { flags: given.flags });
    },
  },
  {
    name: 'doctor',
    group: 'Inspect',
    summary: 'Check this machine, Slurm, the image and the servers, and print how to fix what is wrong',
    examples: [
      ['here, in a few seconds', 'sandboxctl doctor'],
      ['a compute node too, by one short job', 'sandboxctl doctor --on job --partition cpuonly'],
      ['for a script: exit code 5 if there is an error', 'sandboxctl doctor --json'],
    ],
    options: [
      ['--on <where>', 'here (default), or job: look at a compute node as well'],
      [
        '--report [file]',
        'write a file for a bug report as well, without secrets and without logs of programs',
      ],
    ],
    settings: true,
    run: async (context, given) => {
      const { doctor } = await import('../commands/doctor.js');
      const file = given.text('report');
      const report = file !== undefined || given.on('report') ? { file } : undefined;
      await doctor(context, { flags: given.flags, on: given.text('on'), report });
    },
  },
  {
    name: 'endpoints',
    group: 'Inspect',
    summary: "Print the fleet's endpoints: a table on a terminal, JSON in a pipe",
    examples: [
      ['for a client', 'sandboxctl endpoints > endpoints.json'],
      ['one URL per line', 'sandboxctl endpoints --format txt'],
      ['check with Slurm and every server now', 'sandboxctl endpoints --check --all'],
    ],
    options: [
      ['--format <name>', 'json, txt, another known format, or a template file ending in .hbs'],
      ['--write <file>', 'write to a file, atomically, instead of stdout'],
      ['--check', 'check with Slurm and the servers now, instead of printing the last known state'],
      ['--all', 'all instances, not only ready ones'],
      ['--watch', 'keep running, and print one line per change'],
      ['--direct', "the servers' own URLs, even if there is a gateway"],
      ['--patch <file>', 'set the list of servers in a copy of sandboxfusion_exec.py, with a backup'],
      ['--rotate', 'with --patch: each process starts at another place in the list'],
    ],
    run: async (context, given) => {
      const { endpoints } = await import('../commands/endpoints.js');
      await endpoints(context, {
        format: given.text('format'),
        write: given.text('write'),
        check: given.on('check'),
        all: given.on('all'),
        watch: given.on('watch'),
        direct: given.on('direct'),
        patch: given.text('patch'),
        rotate: given.on('rotate'),
      });
    },
  },
  {
    name: 'status',
    group: 'Inspect',
    summary: 'Show fleets and instances: node, state, reason, age and time left',
    examples: [
      ['every fleet', 'sandboxctl status'],
      ['one fleet, as a live screen', 'sandboxctl status --follow --fleet train'],
      ['for a script', "sandboxctl status --json | jq '.fleets[].instances[].state'"],
    ],
    options: [
      ['-f, --follow', 'one fleet, shown live until Ctrl-C; not on a terminal: a line for each change'],
    ],
    settings: true,
    run: async (context, given) => {
      const { status } = await import('../commands/status.js');
      await status(context, { flags: given.flags, follow: given.on('follow') });
    },
  },
  {
    name: 'logs',
    args: '<job>',
    group: 'Inspect',
    summary: 'Show the log of a job, running or finished, or of an instance',
    examples: [
      ['a job of an array', 'sandboxctl logs 123_2'],
      ['instance 2, until its job ends', 'sandboxctl logs 2 --follow'],
    ],
    options: [
      ['-f, --follow', 'keep printing new lines until the job has ended'],
      ['-n, --lines <n>', 'number of last lines, or all (default: 50)'],
    ],
    run: async (context, given) => {
      const { logs } = await import('../commands/logs.js');
      await logs(context, {
        flags: given.flags,
        job: given.argument(0) ?? '',
        follow: given.on('follow'),
        lines: given.text('lines'),
      });
    },
  },
  {
    name: 'events',
    group: 'Inspect',
    summary: "Print a fleet's history: lines on a terminal, NDJSON in a pipe",
    examples: [['the history, then new events', 'sandboxctl events --follow']],
    options: [['-f, --follow', 'keep printing new events']],
    run: async (context, given) => {
      const { events } = await import('../commands/events.js');
      const { eventLine } = await import('../fleet/event-line.js');
      await events(context, { flags: given.flags, follow: given.on('follow'), describe: eventLine });
    },
  },
  {
    name: 'run',
    args: '[file]',
    group: 'Run',
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
      const { run } = await import('../commands/run.js');
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
    group: 'Run',
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
      const { exec } = await import('../commands/exec.js');
      await exec(context, {
        flags: given.flags,
        command: given.arguments(),
        timeout: given.text('timeout'),
        wait: given.text('wait'),
        endpoints: given.list('endpoint'),
      });
    },
  },
  {
    name: 'serve',
    group: 'Servers',
    summary: 'Run the embedded sandbox server on this machine',
    examples: [
      ['for programs on this machine', 'sandboxctl serve'],
      ['for other machines too, with a token', 'sandboxctl serve --listen 0.0.0.0:8080 --token-file token'],
    ],
    settings: true,
    run: async (context, given) => {
      const { serve } = await import('../commands/serve.js');
      await serve(context, { flags: given.flags });
    },
  },
  {
    name: 'gateway',
    group: 'Servers',
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
      const { gateway } = await import('../commands/gateway.js');
      await gateway(context, {
        flags: given.flags,
        endpoints: given.list('endpoint'),
        workers: given.text('workers'),
      });
    },
  },
  {
    name: 'bench',
    args: '[dataset]',
    group: 'Inspect',
    summary: 'Measure plain subprocesses and sandboxes side by side, and whether their verdicts agree',
    examples: [
      ['a hundred synthetic problems, about a minute', 'sandboxctl bench'],
      ['2,000 of them, on a fleet as well', 'sandboxctl bench leetcode-2k --fleet sandbox'],
      ['how much a fleet can hold, and with which flags', 'sandboxctl bench --sweep --fleet sandbox'],
      ['your own problems, only isolated', 'sandboxctl bench problems.jsonl --method lite'],
      ['SandboxFusion, or any other server', 'sandboxctl bench --endpoint fusion=http://node1:8080'],
    ],
    options: [
      [
        '--method <name>',
        'subprocess, or the embedded server on this machine: lite, warm, none; or fleet; may be repeated (default: all but fleet)',
        'repeats',
      ],
      ['--endpoint <url>', 'server to measure as well, or NAME=URL; may be repeated', 'repeats'],
      ['--concurrency <n>', 'programs that run at once (default: the number of CPUs)'],
      ['--seed <n>', 'seed of a synthetic set (default: 1)'],
      ['--first <n>', 'only the first problems of the data set'],
      ['--cases <n>', 'only the first test cases of each problem'],
      ['--language <name>', 'language of problems that name none (default: python)'],
      ['--timeout <duration>', 'time limit of problems that have none (default: 10s)'],
      ['--memory <mb>', 'memory limit of problems that have none, in megabytes'],
      ['--token-file <file>', 'file with the token that the servers require; or set SANDBOXCTL_TOKEN'],
      ['--resume', 'continue the same bench where it was interrupted'],
      [
        '--sweep',
        'try more and more programs at once; prints the flags that serve best, and what that holds',
      ],
      ['--html <file>', 'write the report as a page with charts as well'],
      ['--yes', 'run the programs of a file without isolation, without asking'],
      ['--json', 'print the whole report as one JSON document'],
    ],
    run: async (context, given) => {
      const { bench } = await import('../commands/bench.js');
      await bench(context, {
        dataset: given.argument(0),
        methods: given.list('method'),
        endpoints: given.list('endpoint'),
        concurrency: given.text('concurrency'),
        seed: given.text('seed'),
        first: given.text('first'),
        cases: given.text('cases'),
        language: given.text('language'),
        timeout: given.text('timeout'),
        memory: given.text('memory'),
        tokenFile: given.text('tokenFile'),
        sweep: given.on('sweep'),
        html: given.text('html'),
        resume: given.on('resume'),
        yes: given.on('yes'),
        json: given.on('json'),
      });
    },
  },
  {
    name: 'gc',
    group: 'More',
    summary: 'List what belongs to no fleet any more, and remove it after confirmation',
    examples: [
      ['only list it', 'sandboxctl gc > leftovers.txt'],
      ['remove it without asking', 'sandboxctl gc --yes'],
    ],
    options: [
      ['--older-than <duration>', 'age of logs and of stopped fleets that are removed (default: 30d)'],
    ],
    settings: true,
    run: async (context, given) => {
      const { gc } = await import('../commands/gc.js');
      await gc(context, { flags: given.flags, olderThan: given.text('olderThan') });
    },
  },
  {
    name: 'config show',
    group: 'More',
    summary: 'Print the effective configuration',
    examples: [['with the source of each value', 'sandboxctl config show --origin']],
    options: [
      ['--origin', 'show where each value comes from'],
      ['--json', 'print one JSON document'],
    ],
    run: async (context, given) => {
      const { showConfig } = await import('../commands/config.js');
      await showConfig(context, { flags: given.flags, origin: given.on('origin'), json: given.on('json') });
    },
  },
  {
    name: 'completion',
    args: '<shell> [words...]',
    group: 'More',
    summary: 'Print a completion script for bash, zsh or fish',
    examples: [
      ['in ~/.bashrc', 'source <(sandboxctl completion bash)'],
      ['in ~/.zshrc, after compinit', 'source <(sandboxctl completion zsh)'],
      ['once', 'sandboxctl completion fish > ~/.config/fish/completions/sandboxctl.fish'],
    ],
    run: async (context, given) => {
      const { completion } = await import('../commands/completion.js');
      const { candidates } = await import('./completion/candidates.js');
      await completion(context, given.arguments(), (words, valuesOf) => candidates(VERBS, words, valuesOf));
    },
  },
];
