import type { FailureRow } from './row.js';

const SPACE =
  'free room there, or point ENROOT_CACHE_PATH, ENROOT_TEMP_PATH or the config key imageDir to a folder with more';

/** What the machine of an import can lack. Recorded from enroot 4.1.2, mksquashfs 4.5.1, zstd and srun 22.05. */
export const MACHINE_FAILURES: readonly FailureRow[] = [
  {
    line: /Command not found: (\S+)/,
    kind: 'tool',
    what: (_, match) => `enroot needs ${match[1]}, which is not installed here`,
    hint: "have it installed, or import on a node: 'sandboxctl import-image --on job'",
  },
  {
    // These are what enroot takes to merge the layers here; no user namespace is made for it.
    line: /enroot-\w+: failed to (?:set capabilities|create .*whiteout.*Operation not permitted)/,
    kind: 'tool',
    what: () => 'enroot has no right to merge layers here: its helpers lack their file capabilities',
    hint: "ask for the package enroot+caps (or 'make setcap'), or import on a node that has it: 'sandboxctl import-image --on job'",
  },
  {
    line: /enroot-\w+: failed to (?:mount overlay|create \w+ namespace|set mount propagation)/,
    kind: 'tool',
    what: () => 'this machine cannot merge the layers of an image by an overlay',
    hint: "point ENROOT_TEMP_PATH to a disk of this machine's own, or import on a node: 'sandboxctl import-image --on job'",
  },
  {
    line: /Unsupported architecture: (\S+)/,
    kind: 'config',
    what: (_, match) => `enroot knows no architecture ${match[1]}`,
    hint: 'set arch (--arch) to x86_64, aarch64 or ppc64le, or leave it out for that of this machine',
  },
  {
    line: /zstd: error 70|cannot write block : No space left/,
    kind: 'refused',
    what: () => "enroot's cache folder is full",
    hint: SPACE,
  },
  {
    line: /Write failed because No space left|Failed to write to output filesystem/,
    kind: 'refused',
    what: ({ target }) => `${target} is full`,
    hint: SPACE,
  },
  {
    line: /No space left on device|tar: .*: Wrote only \d+ of \d+ bytes/,
    kind: 'refused',
    what: () => 'the folder where enroot unpacks layers is full',
    hint: SPACE,
  },
  {
    line: /Disk quota exceeded/,
    kind: 'refused',
    what: () => 'your disk quota is used up',
    hint: SPACE,
  },
  {
    line: /\/enroot['’]?: Permission denied/,
    kind: 'tool',
    what: () => 'enroot cannot make its runtime folder',
    hint: 'set ENROOT_RUNTIME_PATH to a folder of yours, such as /tmp/enroot-$USER',
  },
  {
    line: /Operation not permitted/,
    kind: 'tool',
    what: () => 'this machine does not let enroot do what it needs to do',
    hint: "import on a node: 'sandboxctl import-image --on job'",
  },
  {
    line: /No such file or directory: (\S.*)/,
    kind: 'refused',
    what: ({ target }) => `${target} cannot be written where enroot runs`,
    hint: 'choose a folder that this machine and the nodes share: -o FILE, or the config key imageDir',
  },
  {
    line: /File already exists|will not overwrite/,
    kind: 'refused',
    what: ({ target }) => `something else writes into ${target}`,
    hint: "run 'sandboxctl import-image' again",
  },
  {
    line: /CANCELLED AT .* DUE TO TIME LIMIT/,
    kind: 'refused',
    what: () => 'the job that imported ran into its time limit',
    hint: 'give it more: sandboxctl import-image --on job --time 2:00:00',
  },
  {
    line: /Out Of Memory|oom-kill|Killed\b/i,
    kind: 'refused',
    what: () => 'the import was killed for want of memory',
    hint: 'import on a node: sandboxctl import-image --on job; or set ENROOT_MAX_PROCESSORS to less',
  },
  {
    line: /Unable to contact slurm controller|Socket timed out|configuration source|Munge/,
    kind: 'tool',
    what: () => 'Slurm cannot be reached for the job that imports',
    hint: "try 'sinfo', or import on this machine: sandboxctl import-image --on here",
  },
  {
    line: /srun: error: (?:Unable to allocate resources|.*allocation failure)/,
    kind: 'refused',
    what: () => 'Slurm refused the job that imports',
    hint: 'check --partition, --time, --account and --qos; or: sandboxctl import-image --on here',
  },
  {
    line: /^srun: (?:error|fatal): /,
    kind: 'refused',
    what: () => 'the job that imports failed',
    hint: 'check --partition, --time, --account and --qos; or: sandboxctl import-image --on here',
  },
];
