import type { FailureRule } from '../rule.js';

const MORE_MEMORY = 'give the jobs more with --mem, or start fewer server processes with --workers';
const AGAIN = "'sandboxctl deploy'";
/** Slurm's exit code of a batch script that slurmd could not launch; 53 is its own, no signal. */
const LAUNCH_FAILED = '0:53';

export const SLURM_RULES: readonly FailureRule[] = [
  {
    id: 'out-of-memory',
    jobState: 'OUT_OF_MEMORY',
    jobReason: ['OutOfMemory'],
    jobLog:
      /^slurmstepd\S*: error: (?:Detected \d+ oom[-_]kill event|(?:StepId=|Step |Job )\S+ exceeded memory limit)|^srun: error: .*: Out Of Memory$/i,
    cause: 'it needed more memory than the job has',
    hint: MORE_MEMORY,
    evidenceWhileRunning: true,
  },
  {
    id: 'time-limit',
    jobState: 'TIMEOUT',
    jobReason: ['TimeLimit'],
    jobLog: /^slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO TIME LIMIT/,
    cause: 'its time limit ended',
    hint: `run ${AGAIN} again, with a longer --time where the partition allows it`,
    evidenceWhileRunning: true,
  },
  {
    id: 'preempted',
    jobState: 'PREEMPTED',
    jobLog: /^slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO PREEMPTION/,
    cause: 'it was preempted by another job',
    hint: `run ${AGAIN} again; another --partition or --qos may not be preempted`,
    evidenceWhileRunning: true,
  },
  {
    id: 'node-failed',
    jobState: 'NODE_FAIL',
    jobReason: ['NodeDown'],
    jobLog:
      /^srun: error: Node failure on |^slurmstepd\S*: error: \*\*\* (?:JOB|STEP) .* DUE TO NODE FAILURE/,
    cause: 'node {node} failed',
    hint: `run ${AGAIN} again; --exclude {node} keeps the fleet off the node`,
    evidenceWhileRunning: true,
  },
  {
    id: 'node-boot-failed',
    jobState: 'BOOT_FAIL',
    cause: 'node {node} did not boot',
    hint: `run ${AGAIN} again; --exclude {node} keeps the fleet off the node`,
  },
  {
    id: 'deadline',
    jobState: 'DEADLINE',
    cause: 'its deadline passed',
    hint: 'leave --deadline out of --sbatch-arg',
  },
  {
    id: 'revoked',
    jobState: 'REVOKED',
    cause: 'another cluster of the federation took the job',
    hint: `run ${AGAIN} again`,
  },
  {
    id: 'cancelled',
    jobState: 'CANCELLED',
    stateLog: /\*\*\* (?:JOB|STEP) .*CANCELLED AT/,
    cause: 'it was cancelled{by}',
    hint: `if that was not intended, run ${AGAIN} again`,
  },
  {
    id: 'machine-restarted',
    jobReason: ['MachineRestarted'],
    reasonBeforeLog: true,
    cause: 'the machine was restarted',
    hint: `run ${AGAIN} again`,
  },
  {
    id: 'supervisor-killed',
    jobReason: ['SupervisorKilled'],
    cause: 'its supervisor was killed, so its exit code is unknown',
    hint: `run ${AGAIN} again`,
  },
  {
    // The one failure that leaves nothing a user can read: slurmd could not open the log.
    id: 'log-not-writable',
    jobReason: ['JobLaunchFailure'],
    exitCode: LAUNCH_FAILED,
    withoutLog: true,
    cause: 'Slurm could not launch it (JobLaunchFailure): its log cannot be written on node {node}',
    hint: 'put the log into a folder that the nodes see: config key output; if the folder was created just now, run the same deploy again',
  },
  {
    id: 'launch-failed',
    jobReason: ['JobLaunchFailure'],
    exitCode: LAUNCH_FAILED,
    cause: 'Slurm could not launch it on node {node} (JobLaunchFailure)',
    hint: `run ${AGAIN} again with --exclude {node}`,
  },
  {
    id: 'node-could-not-run',
    jobReason: ['SystemFailure', 'Prolog'],
    cause: 'node {node} could not run it ({reason})',
    hint: `run ${AGAIN} again with --exclude {node}`,
  },
  {
    id: 'address-unknown',
    exitCode: '69',
    cause: 'node {node} has no address of the kind that --endpoint-host asks for',
    hint: 'name another with --endpoint-host, or leave it out',
  },
  {
    id: 'prerequisite-missing',
    exitCode: '72',
    missingPrerequisite: true,
    cause: 'node {node} lacks what the runtime needs',
    hint: 'its log names what is missing: install it there, or deploy with another --runtime',
  },
  {
    id: 'all-ports-taken',
    exitCode: '98',
    cause: 'all ports that the job may use are taken on node {node}',
    hint: 'name others with --port or --port-range',
  },
];
