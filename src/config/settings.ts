/**
 * Every setting, as plain data: flags, environment names, config keys, the schema, the help, the
 * annotated example and docs/config.md all come from this table. It imports nothing, so that wiring a
 * command line costs no start-up time.
 */
export interface Setting {
  key: string;
  /** What stands in for the value in help, such as `<n>`; none for a switch. */
  value?: string;
  kind:
    | 'text'
    | 'int'
    | 'switch'
    | 'list'
    | 'duration'
    | 'slurmTime'
    | 'size'
    | 'choice'
    | 'workers'
    | 'portRange';
  choices?: readonly string[];
  min?: number;
  max?: number;
  default: string | number | boolean | readonly string[] | null;
  /** One line, starts with a verb or a noun, no full stop. */
  about: string;
  /** The commands that take it as a flag. */
  commands: readonly string[];
  group: string;
  short?: string;
  /** A value for the annotated example, as YAML, where the default shows nothing. */
  example?: string;
  /** A file or folder: relative ones belong to the folder of the config file, or to that of the call. */
  path?: true;
}

const DEPLOY = ['deploy'] as const;
const BOTH = ['deploy', 'import-image'] as const;

export const SETTINGS = [
  {
    key: 'nodes',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 10_000,
    default: null,
    group: 'Fleet',
    commands: DEPLOY,
    example: '4',
    about: 'how many servers, each a job on a node of its own',
  },
  {
    key: 'cluster',
    value: '<name>',
    kind: 'choice',
    choices: ['auto', 'slurm', 'local'],
    default: 'auto',
    group: 'Fleet',
    commands: DEPLOY,
    about: 'where the servers run: slurm, or local: this machine; auto is slurm where squeue is on PATH',
  },
  {
    key: 'partition',
    short: '-p',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: BOTH,
    example: 'cpuonly',
    about: 'partition of the jobs',
  },
  {
    key: 'nodelist',
    short: '-w',
    value: '<hosts>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: DEPLOY,
    example: 'node[1-8]',
    about: 'nodes that the fleet may use, a hostlist such as node[1-4]',
  },
  {
    key: 'exclude',
    short: '-x',
    value: '<hosts>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: DEPLOY,
    example: 'node7',
    about: 'nodes that the fleet may not use',
  },
  {
    key: 'time',
    short: '-t',
    value: '<limit>',
    kind: 'slurmTime',
    default: null,
    group: 'Slurm',
    commands: BOTH,
    example: '4-00:00:00',
    about:
      "time limit of each job, as sbatch takes it; the lesser of 4-00:00:00 and the partition's limit when left out",
  },
  {
    key: 'cpusPerTask',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 100_000,
    default: null,
    group: 'Slurm',
    commands: DEPLOY,
    example: '96',
    about: "CPUs of each server; all of the node's when left out",
  },
  {
    key: 'mem',
    value: '<size>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: DEPLOY,
    example: '64G',
    about: "memory of each job, as sbatch takes it; all of the node's when left out and exclusive",
  },
  {
    key: 'exclusive',
    kind: 'switch',
    default: true,
    group: 'Slurm',
    commands: DEPLOY,
    about: 'whole nodes, shared with nobody',
  },
  {
    key: 'account',
    short: '-A',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: BOTH,
    example: 'research',
    about: 'account that the jobs are charged to',
  },
  {
    key: 'qos',
    short: '-q',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: BOTH,
    example: 'normal',
    about: 'quality of service',
  },
  {
    key: 'constraint',
    short: '-C',
    value: '<features>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: DEPLOY,
    example: 'avx512',
    about: 'features that the nodes must have',
  },
  {
    key: 'reservation',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Slurm',
    commands: BOTH,
    example: 'sandboxes',
    about: 'reservation to run in',
  },
  {
    key: 'sbatchArg',
    value: '<arg>',
    kind: 'list',
    default: [],
    group: 'Slurm',
    commands: DEPLOY,
    example: '[--licenses=x]',
    about: 'one more #SBATCH line, such as --licenses=x; may be repeated',
  },
  {
    key: 'image',
    value: '<image>',
    kind: 'text',
    default: 'varad0309/code_sandbox:server',
    group: 'Server',
    commands: DEPLOY,
    about: 'image: a reference that was imported, or the path of a .sqsh',
  },
  {
    key: 'imageDir',
    value: '<folder>',
    kind: 'text',
    default: null,
    group: 'Server',
    commands: BOTH,
    example: 'images',
    path: true,
    about: 'folder of imported images; images/ in the state folder when left out',
  },
  {
    key: 'runtime',
    value: '<name>',
    kind: 'choice',
    choices: ['pyxis', 'embedded'],
    default: null,
    group: 'Server',
    commands: DEPLOY,
    example: 'embedded',
    about:
      'how a job starts its server: in a container by pyxis, or embedded: the server that is part of sandboxctl; pyxis on Slurm and embedded on this machine when left out',
  },
  {
    key: 'isolation',
    value: '<how>',
    kind: 'choice',
    choices: ['lite', 'none'],
    default: 'lite',
    group: 'Server',
    commands: ['deploy', 'serve'],
    about: 'how the embedded server keeps programs from each other and from the node',
  },
  {
    key: 'port',
    value: '<port>',
    kind: 'int',
    min: 1,
    max: 65_535,
    default: 8080,
    group: 'Server',
    commands: DEPLOY,
    about: 'port that is tried first',
  },
  {
    key: 'portRange',
    value: '<first-last>',
    kind: 'portRange',
    default: '8080-8179',
    group: 'Server',
    commands: DEPLOY,
    about: 'ports that are tried when the first is taken',
  },
  {
    key: 'workers',
    value: '<n|auto>',
    kind: 'workers',
    default: 'auto',
    group: 'Server',
    commands: DEPLOY,
    about: 'server processes behind each port; auto is one for every three CPUs',
  },
  {
    key: 'env',
    value: '<key[=value]>',
    kind: 'list',
    default: [],
    group: 'Server',
    commands: DEPLOY,
    example: '[OMP_NUM_THREADS=2, HF_TOKEN]',
    about:
      "environment of the server; KEY alone takes the caller's value and keeps it out of every script; may be repeated",
  },
  {
    key: 'mount',
    value: '<src:dst>',
    kind: 'list',
    default: [],
    group: 'Server',
    commands: DEPLOY,
    example: '[/data/tests:/tests]',
    about: 'folder of the node to show inside the container; may be repeated',
  },
  {
    key: 'template',
    value: '<file>',
    kind: 'text',
    default: null,
    group: 'Server',
    commands: DEPLOY,
    example: 'my-batch.hbs',
    path: true,
    about: 'batch script template of your own (docs/templates.md)',
  },
  {
    key: 'output',
    value: '<file>',
    kind: 'text',
    default: 'logs/sandbox-%A_%a.log',
    group: 'Server',
    commands: DEPLOY,
    about: "log of each job, with Slurm's %-patterns; relative to the folder of the call",
  },
  {
    key: 'logCap',
    value: '<size>',
    kind: 'size',
    default: '50M',
    group: 'Server',
    commands: DEPLOY,
    about: 'most that the log of one job may take, rotated',
  },
  {
    key: 'endpointHost',
    value: '<how>',
    kind: 'text',
    default: 'nodeaddr',
    group: 'Server',
    commands: DEPLOY,
    about: 'host in the URLs: nodeaddr, nodename, fqdn, ip or interface:NAME',
  },
  {
    key: 'clientConfig',
    value: '<file>',
    kind: 'list',
    default: [],
    group: 'Waiting',
    commands: DEPLOY,
    example: '[sandbox.env]',
    path: true,
    about:
      'client file to write when ready, its format told by its ending (json, yaml, txt, env, py); may be repeated',
  },
  {
    key: 'wait',
    kind: 'switch',
    default: true,
    group: 'Waiting',
    commands: DEPLOY,
    about: 'wait until the servers are ready',
  },
  {
    key: 'timeout',
    value: '<duration>',
    kind: 'duration',
    default: '20m',
    group: 'Waiting',
    commands: DEPLOY,
    about: 'longest wait for a server, from the start of its job',
  },
  {
    key: 'pendingTimeout',
    value: '<duration>',
    kind: 'duration',
    default: null,
    group: 'Waiting',
    commands: DEPLOY,
    example: '2h',
    about: 'longest wait for jobs to start; none when left out',
  },
  {
    key: 'minReady',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 10_000,
    default: null,
    group: 'Waiting',
    commands: DEPLOY,
    example: '3',
    about: 'how many ready servers are enough for success; all when left out',
  },
  {
    key: 'probeFrom',
    value: '<partition>',
    kind: 'text',
    default: null,
    group: 'Waiting',
    commands: DEPLOY,
    example: 'gpu',
    about: 'partition from which each server must be reachable too, where the trainer will run',
  },
  {
    key: 'dryRun',
    kind: 'switch',
    default: false,
    group: 'Waiting',
    commands: DEPLOY,
    about: 'print the plan and the script, submit nothing',
  },
  {
    key: 'json',
    kind: 'switch',
    default: false,
    group: 'Output',
    commands: ['deploy', 'import-image', 'stop', 'status'],
    about: 'print JSON instead of text; events as NDJSON',
  },
  {
    key: 'yes',
    short: '-y',
    kind: 'switch',
    default: false,
    group: 'Output',
    commands: ['deploy', 'stop'],
    about: 'answer yes to the question',
  },
  {
    key: 'on',
    value: '<where>',
    kind: 'choice',
    choices: ['auto', 'here', 'job'],
    default: 'auto',
    group: 'Import',
    commands: ['import-image'],
    about: 'where the import runs',
  },
  {
    key: 'registryMirror',
    value: '<url>',
    kind: 'text',
    default: null,
    group: 'Import',
    commands: ['import-image'],
    example: 'http://mirror.example:5000',
    about: 'registry to ask instead of Docker Hub',
  },
  {
    key: 'arch',
    value: '<name>',
    kind: 'text',
    default: null,
    group: 'Import',
    commands: ['import-image'],
    example: 'arm64',
    about: "architecture of the image, as Debian calls it; this machine's when left out",
  },
  {
    key: 'importCpus',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 100_000,
    default: 4,
    group: 'Import',
    commands: ['import-image'],
    about: 'CPUs of the job that imports, with --on job',
  },
  {
    key: 'stallTimeout',
    value: '<duration>',
    kind: 'duration',
    default: '30s',
    group: 'Import',
    commands: ['import-image'],
    about: 'how long a transfer may stand still before it is tried again',
  },
  {
    key: 'listen',
    value: '<host:port>',
    kind: 'text',
    default: '127.0.0.1:8080',
    group: 'Embedded server',
    commands: ['serve'],
    about: 'address to listen on',
  },
  {
    key: 'maxConcurrency',
    value: '<n>',
    kind: 'int',
    min: 1,
    max: 100_000,
    default: null,
    group: 'Embedded server',
    commands: ['serve'],
    example: '8',
    about: 'programs that run at once; as many as there are CPUs when left out',
  },
  {
    key: 'tokenFile',
    value: '<file>',
    kind: 'text',
    default: null,
    group: 'Embedded server',
    commands: ['serve'],
    example: 'token',
    path: true,
    about: 'file with the token that callers must send; SANDBOXCTL_TOKEN serves too',
  },
  {
    key: 'network',
    kind: 'switch',
    default: false,
    group: 'Embedded server',
    commands: ['serve'],
    about: "let programs use this machine's network",
  },
  {
    key: 'maxMemory',
    value: '<size>',
    kind: 'size',
    default: null,
    group: 'Embedded server',
    commands: ['serve'],
    example: '4G',
    about: 'most memory of one program with all its processes; an equal share of what there is when left out',
  },
  {
    key: 'tmpSize',
    value: '<size>',
    kind: 'size',
    default: '512M',
    group: 'Embedded server',
    commands: ['serve'],
    about: "most that a program's own /tmp may hold, in memory",
  },
  {
    key: 'outputCap',
    value: '<size>',
    kind: 'size',
    default: '64M',
    group: 'Embedded server',
    commands: ['serve'],
    about: 'most that is kept of stdout and of stderr; what is cut is told in the answer',
  },
  {
    key: 'grace',
    value: '<duration>',
    kind: 'duration',
    default: '30s',
    group: 'Embedded server',
    commands: ['serve'],
    about: 'how long programs under way may go on when the server is told to stop',
  },
  {
    key: 'settle',
    value: '<duration>',
    kind: 'duration',
    default: '10s',
    group: 'Watching',
    commands: [],
    about: 'time between the two answers of Slurm that are needed to believe that a job is gone',
  },
] as const satisfies readonly Setting[];

type Row = (typeof SETTINGS)[number];
type Base<R extends Row> = R['kind'] extends 'int'
  ? number
  : R['kind'] extends 'duration'
    ? number
    : R['kind'] extends 'size'
      ? number
      : R['kind'] extends 'switch'
        ? boolean
        : R['kind'] extends 'list'
          ? string[]
          : R['kind'] extends 'workers'
            ? number | 'auto'
            : R['kind'] extends 'portRange'
              ? { first: number; last: number }
              : R extends { choices: readonly (infer C)[] }
                ? C
                : string;

/** Durations are seconds, sizes bytes, Slurm times stay as text; what has no default may be null. */
export type Config = { [R in Row as R['key']]: R['default'] extends null ? Base<R> | null : Base<R> };
