import type { FailureRule } from '../rule.js';

const SUBMIT = "'sandboxctl deploy' ends with this and submits nothing";

/** What `deploy` refuses before it submits anything, since Slurm would refuse it or never start it. */
export const REQUEST_RULES: readonly FailureRule[] = [
  {
    id: 'partition-unknown',
    cause: "there is no partition '{partition}'",
    hint: 'choose one of them with {flag}',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'partition-not-named',
    cause: 'this cluster has no default partition',
    hint: 'choose one of them with {flag}',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'partition-closed',
    cause: 'partition {partition} accepts no jobs now',
    hint: 'choose another with {flag}',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'nodes-too-few',
    cause: '{asked} asked for, and the fleet may use {usable}',
    hint: 'ask for fewer with --nodes, widen --nodelist, or share nodes with --no-exclusive',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'node-unknown',
    cause: "there is no node '{node}'",
    hint: 'correct --nodelist',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'cpus-too-few',
    cause: "{asked} CPUs were asked for on {where}, and {large} of the fleet's have so many",
    hint: 'ask for fewer with --cpus-per-task or --nodes, or leave --cpus-per-task out for all of a node',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'time-too-long',
    cause: 'a time limit of {time} is more than partition {partition} allows',
    hint: 'give --time {limit} or less, or leave it out',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'no-runtime',
    cause: 'no runtime works on this cluster: {lacks}, and node {node} lacks what the others need',
    hint: 'ask for enroot on the nodes, with or without pyxis; or Node 20.19 and Python 3, for --runtime embedded; or use your own SandboxFusion with --checkout',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'image-unusable',
    cause: 'the image {image} cannot be used',
    hint: 'bring it with: sandboxctl import-image {importAs}',
    doctor: { severity: 'error', matters: SUBMIT },
  },
  {
    id: 'log-folder-not-writable',
    cause: 'the folder of the logs, {folder}, cannot be written',
    hint: 'run this from a folder that you can write and that the nodes see, or set the config key output',
    doctor: { severity: 'error', matters: 'Slurm could not open the log of any job, and starts none' },
  },
  {
    id: 'slurm-unreachable',
    cause: 'Slurm does not answer',
    hint: "'sandboxctl endpoints' still prints the servers that were ready last; try again when 'scontrol ping' says UP",
    doctor: {
      severity: 'error',
      matters: "'deploy', 'status' and 'stop' cannot see or change any job; servers that run keep running",
    },
  },
];
