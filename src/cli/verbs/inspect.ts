import type { UngroupedVerb } from '../verb.js';

export const INSPECT_VERBS: readonly UngroupedVerb[] = [
  {
    name: 'doctor',
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
      const { doctor } = await import('../../commands/doctor.js');
      const file = given.text('report');
      const report = file !== undefined || given.on('report') ? { file } : undefined;
      await doctor(context, { flags: given.flags, on: given.text('on'), report });
    },
  },
  {
    name: 'endpoints',
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
      const { endpoints } = await import('../../commands/endpoints.js');
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
      const { status } = await import('../../commands/status.js');
      await status(context, { flags: given.flags, follow: given.on('follow') });
    },
  },
  {
    name: 'logs',
    args: '<job>',
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
      const { logs } = await import('../../commands/logs.js');
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
    summary: "Print a fleet's history: lines on a terminal, NDJSON in a pipe",
    examples: [['the history, then new events', 'sandboxctl events --follow']],
    options: [['-f, --follow', 'keep printing new events']],
    run: async (context, given) => {
      const { events } = await import('../../commands/events.js');
      const { eventLine } = await import('../../fleet/event-line.js');
      await events(context, { flags: given.flags, follow: given.on('follow'), describe: eventLine });
    },
  },
  {
    name: 'bench',
    args: '[dataset]',
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
      const { bench } = await import('../../commands/bench.js');
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
];
