import type { FailureRule } from '../rule.js';

const SPACE =
  'free room there, or point ENROOT_CACHE_PATH, ENROOT_TEMP_PATH or the config key imageDir to a folder with more';

/** Recorded from enroot 4.1.2, mksquashfs 4.5.1, zstd and srun 22.05. */
export const IMPORT_MACHINE_RULES: readonly FailureRule[] = [
  {
    id: 'import-tool-missing',
    importLog: /Command not found: (\S+)/,
    kind: 'tool',
    cause: 'enroot needs {1}, which is not installed here',
    hint: "have it installed, or import on a node: 'sandboxctl import-image --on job'",
  },
  {
    id: 'import-enroot-capabilities',
    // enroot merges layers with capabilities, not in a user namespace.
    importLog: /enroot-\w+: failed to (?:set capabilities|create .*whiteout.*Operation not permitted)/,
    kind: 'tool',
    cause: 'enroot has no right to merge layers here: its helpers lack their file capabilities',
    hint: "ask for the package enroot+caps (or 'make setcap'), or import on a node that has it: 'sandboxctl import-image --on job'",
    doctor: { severity: 'warning', matters: 'an import here fails' },
  },
  {
    id: 'import-no-overlay',
    importLog: /enroot-\w+: failed to (?:mount overlay|create \w+ namespace|set mount propagation)/,
    kind: 'tool',
    cause: 'this machine cannot merge the layers of an image by an overlay',
    hint: "point ENROOT_TEMP_PATH to a disk of this machine's own, or import on a node: 'sandboxctl import-image --on job'",
  },
  {
    id: 'import-architecture-unknown',
    importLog: /Unsupported architecture: (\S+)/,
    kind: 'config',
    cause: 'enroot does not know the architecture {1}',
    hint: 'set arch (--arch) to x86_64, aarch64 or ppc64le, or leave it out for that of this machine',
  },
  {
    id: 'import-cache-full',
    importLog: /zstd: error 70|cannot write block : No space left/,
    kind: 'refused',
    cause: "enroot's cache folder is full",
    hint: SPACE,
  },
  {
    id: 'import-target-full',
    importLog: /Write failed because No space left|Failed to write to output filesystem/,
    kind: 'refused',
    cause: '{target} is full',
    hint: SPACE,
  },
  {
    id: 'import-temp-full',
    importLog: /No space left on device|tar: .*: Wrote only \d+ of \d+ bytes/,
    kind: 'refused',
    cause: 'the folder where enroot unpacks layers is full',
    hint: SPACE,
  },
  {
    id: 'import-quota-exceeded',
    importLog: /Disk quota exceeded/,
    kind: 'refused',
    cause: 'your disk quota is used up',
    hint: SPACE,
  },
  {
    id: 'import-runtime-folder',
    importLog: /\/enroot['’]?: Permission denied/,
    kind: 'tool',
    cause: 'enroot cannot make its runtime folder',
    hint: 'set ENROOT_RUNTIME_PATH to a folder of yours, such as $HOME/.enroot-runtime',
  },
  {
    id: 'import-not-permitted',
    importLog: /Operation not permitted/,
    kind: 'tool',
    cause: 'this machine does not let enroot do what it needs to do',
    hint: "import on a node: 'sandboxctl import-image --on job'",
  },
  {
    id: 'import-target-not-writable',
    importLog: /No such file or directory: (\S.*)/,
    kind: 'refused',
    cause: '{target} cannot be written where enroot runs',
    hint: 'choose a folder that this machine and the nodes share: -o FILE, or the config key imageDir',
  },
  {
    id: 'import-target-in-use',
    importLog: /File already exists|will not overwrite/,
    kind: 'refused',
    cause: 'something else writes into {target}',
    hint: "run 'sandboxctl import-image' again",
  },
  {
    id: 'import-time-limit',
    importLog: /CANCELLED AT .* DUE TO TIME LIMIT/,
    kind: 'refused',
    cause: 'the job that imported ran into its time limit',
    hint: 'give it more: sandboxctl import-image --on job --time 2:00:00',
  },
  {
    id: 'import-out-of-memory',
    importLog: /Out Of Memory|oom-kill|Killed\b/i,
    kind: 'refused',
    cause: 'the import was killed for want of memory',
    hint: 'import on a node: sandboxctl import-image --on job; or set ENROOT_MAX_PROCESSORS to less',
  },
  {
    id: 'import-slurm-unreachable',
    importLog: /Unable to contact slurm controller|Socket timed out|configuration source|Munge/,
    kind: 'tool',
    cause: 'Slurm cannot be reached for the job that imports',
    hint: "try 'sinfo', or import on this machine: sandboxctl import-image --on here",
  },
  {
    id: 'import-job-refused',
    importLog: /srun: error: (?:Unable to allocate resources|.*allocation failure)/,
    kind: 'refused',
    cause: 'Slurm refused the job that imports',
    hint: 'check --partition, --time, --account and --qos; or: sandboxctl import-image --on here',
  },
  {
    id: 'import-job-failed',
    importLog: /^srun: (?:error|fatal): /,
    kind: 'refused',
    cause: 'the job that imports failed',
    hint: 'check --partition, --time, --account and --qos; or: sandboxctl import-image --on here',
  },
];
