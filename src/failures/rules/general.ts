import type { FailureRule } from '../rule.js';

const ASK_PYXIS =
  "ask the cluster's administrators, or name a --partition or --nodelist where 'srun --container-image' works";
const CHECK_IMAGE =
  "check the image with 'sandboxctl import-image', and the node by running 'enroot list' there";

/** Where it is known who failed, but not why. */
export const GENERAL_RULES: readonly FailureRule[] = [
  {
    id: 'enroot-unpack-error',
    jobLog: /pyxis: +\[ERROR\] (.*\S)/,
    cause: 'enroot could not unpack the image {image} on node {node}: {1}',
    hint: CHECK_IMAGE,
  },
  {
    id: 'enroot-start-error',
    jobLog: [/^\[ERROR\] (.*\S)/, /(?:^|pyxis: +)(enroot-\w+: .*\S)/],
    cause: 'enroot could not bring up the image {image} on node {node}: {1}',
    hint: CHECK_IMAGE,
  },
  {
    id: 'enroot-unpack-output',
    // Lines of enroot's log are indented by five spaces; those excluded here mean nothing.
    jobLog: /pyxis: {5}((?!\[INFO\]|Parallel unsquashfs|\d+ inodes)\S.*)/,
    cause: 'enroot failed while it unpacked the image {image} on node {node}: {1}',
    hint: CHECK_IMAGE,
  },
  {
    id: 'enroot-silent',
    jobLog: /pyxis: printing enroot log file:\s*$/,
    cause: 'pyxis could not unpack the image, and enroot said nothing: node {node} may lack enroot',
    hint: 'keep the fleet off the node with --exclude {node}, and tell the administrators',
  },
  {
    id: 'pyxis-error',
    jobLog: /pyxis: (?:error: )?((?:couldn't|failed|unable) .*\S)/i,
    cause: 'pyxis could not start the container: {1}',
    hint: ASK_PYXIS,
  },
  {
    id: 'srun-error',
    jobLog: /^srun: error: (Unable to (?:create step|allocate resources|confirm allocation).*\S)/,
    cause: 'srun could not start the server: {1}',
    hint: 'check --cpus-per-task, --mem and --sbatch-arg',
  },
  {
    id: 'python-exception',
    jobLog: /^(?:\w+\.)*(\w+(?:Error|Exception)): (.*\S)/,
    cause: 'the server ended with {1}: {2}',
    hint: "read the whole log with 'sandboxctl logs'",
  },
  {
    id: 'make-failed',
    jobLog: /^make: \*\*\* .* (?:Error \d+|Terminated|Aborted|Segmentation fault.*)$/,
    cause: 'the server ended while it started',
    hint: "read the whole log with 'sandboxctl logs'",
  },
];
