import type { Sign } from '../rule.js';

const MORE_MEMORY = 'give the jobs more with --mem, or start fewer server processes with --workers';
const AGAIN = "'sandboxctl deploy'";

/** What our batch script says of its node, and Slurm of a job that it ends. */
export const SLURM_SIGNS: readonly Sign[] = [
  {
    pattern: /^sandboxctl: the state folder is not visible on node (\S+?): (.*)/,
    cause: 'node {1} does not see the state folder',
    hint: `set SANDBOXCTL_STATE_DIR to a folder on a file system that the nodes share, then run ${AGAIN}`,
  },
  {
    pattern: /^sandboxctl: node (\S+) does not see sandboxctl: (.*)/,
    cause: 'node {1} does not see sandboxctl at {2}',
    hint: 'install sandboxctl on a file system that the nodes share, or deploy with --runtime pyxis',
    lacks: true,
  },
  {
    pattern: /^sandboxctl: node (\S+) has no Node 20\.19 or newer/,
    cause: 'node {1} has no Node 20.19 or newer to run the embedded server',
    hint: 'install one on a file system that the nodes share and deploy with it, or deploy with --runtime pyxis',
    lacks: true,
  },
  {
    pattern: /^sandboxctl: node (\S+) has no enroot/,
    cause: 'node {1} has no enroot',
    hint: 'have it installed there, keep the fleet off the node with --exclude {1}, or deploy with --runtime embedded',
    lacks: true,
  },
  {
    pattern: /^sandboxctl: node (\S+) has no folder of its own to unpack/,
    cause: 'node {1} has no disk of its own to unpack the image on',
    hint: 'keep the fleet off the node with --exclude {1}, or tell the administrators: /tmp and /var/tmp are looked at',
  },
  {
    pattern: /^sandboxctl: node (\S+) has no address by endpoint host (.*)/,
    cause: 'node {1} has no address by the endpoint host {2}',
    hint: 'name another with --endpoint-host, or leave it out for the address that Slurm has',
  },
  {
    pattern: /^sandboxctl: no free port on (\S+?): (.*)/,
    cause: 'no port is free on {1}: all of {2} are taken',
    hint: 'name others with --port or --port-range, or keep the fleet off the node with --exclude {1}',
  },
  {
    pattern:
      /^slurmstepd\S*: error: (?:Detected \d+ oom[-_]kill event|(?:StepId=|Step |Job )\S+ exceeded memory limit)|^srun: error: .*: Out Of Memory$/i,
    cause: 'it needed more memory than the job has',
    hint: MORE_MEMORY,
    running: true,
  },
  {
    pattern: /^slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO TIME LIMIT/,
    cause: 'its time limit ended',
    hint: `run ${AGAIN} again, with a longer --time where the partition allows it`,
    running: true,
  },
  {
    pattern: /^slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO PREEMPTION/,
    cause: 'it was preempted by another job',
    hint: `run ${AGAIN} again; another --partition or --qos may not be preempted`,
    running: true,
  },
  {
    pattern:
      /^srun: error: Node failure on |^slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO NODE FAILURE/,
    cause: 'node {node} failed',
    hint: `run ${AGAIN} again; --exclude {node} keeps the fleet off the node`,
    running: true,
  },
];
