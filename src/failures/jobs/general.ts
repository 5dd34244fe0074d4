import type { Sign } from '../rule.js';

const ASK_PYXIS =
  "ask the cluster's administrators, or name a --partition or --nodelist where 'srun --container-image' works";

/** Where it is known who failed, but not why. */
export const GENERAL_SIGNS: readonly Sign[] = [
  {
    pattern: /pyxis: +\[ERROR\] (.*\S)/,
    cause: 'enroot could not unpack the image {image} on node {node}: {1}',
    hint: "check the image with 'sandboxctl import-image', the node by running there 'enroot list'",
  },
  {
    pattern: /^\[ERROR\] (.*\S)/,
    cause: 'enroot could not bring up the image {image} on node {node}: {1}',
    hint: "check the image with 'sandboxctl import-image', the node by running there 'enroot list'",
  },
  {
    pattern: /(?:^|pyxis: +)(enroot-\w+: .*\S)/,
    cause: 'enroot could not bring up the image {image} on node {node}: {1}',
    hint: "check the image with 'sandboxctl import-image', the node by running there 'enroot list'",
  },
  {
    // The lines of enroot's log stand five blanks behind; these tell nothing.
    pattern: /pyxis: {5}((?!\[INFO\]|Parallel unsquashfs|\d+ inodes)\S.*)/,
    cause: 'enroot could not unpack the image {image} on node {node}: {1}',
    hint: "check the image with 'sandboxctl import-image', the node by running there 'enroot list'",
  },
  {
    pattern: /pyxis: printing enroot log file:\s*$/,
    cause: 'pyxis could not unpack the image, and enroot said nothing: node {node} may lack enroot',
    hint: 'keep the fleet off the node with --exclude {node}, and tell the administrators',
  },
  {
    pattern: /pyxis: (?:error: )?((?:couldn't|failed|unable) .*\S)/i,
    cause: 'pyxis could not start the container: {1}',
    hint: ASK_PYXIS,
  },
  {
    pattern: /^srun: error: (Unable to (?:create step|allocate resources|confirm allocation).*\S)/,
    cause: 'srun could not start the server: {1}',
    hint: 'look at --cpus-per-task, --mem and --sbatch-arg',
  },
  {
    pattern: /^(?:\w+\.)*(\w+(?:Error|Exception)): (.*\S)/,
    cause: 'the server ended with {1}: {2}',
    hint: "read the whole log with 'sandboxctl logs'",
  },
  {
    pattern: /^make: \*\*\* .* (?:Error \d+|Terminated|Aborted|Segmentation fault.*)$/,
    cause: 'the server ended while it started',
    hint: "read the whole log with 'sandboxctl logs'",
  },
];
