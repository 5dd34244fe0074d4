import type { FailureRule } from '../rule.js';

/** What only `sandboxctl doctor` finds of Slurm. */
export const DOCTOR_SLURM_RULES: readonly FailureRule[] = [
  {
    id: 'no-node-up',
    cause: 'no node of partition {partition} is up',
    hint: 'choose another with --partition, or ask the administrators when they come back',
    doctor: { severity: 'error', matters: 'jobs wait there until a node comes back' },
  },
  {
    id: 'partition-down',
    cause: 'partition {partition} is {state}: it starts no jobs',
    hint: 'choose another with --partition',
    doctor: { severity: 'error', matters: 'sbatch accepts the jobs, and they wait until somebody opens it' },
  },
  {
    id: 'partition-not-for-you',
    cause: 'partition {partition} is not for your groups or accounts',
    hint: 'choose another with --partition, or name an --account that may use it',
    doctor: { severity: 'error', matters: 'sbatch refuses the jobs' },
  },
  {
    id: 'partition-for-large-jobs',
    cause: 'partition {partition} takes only jobs of {least} nodes or more',
    hint: 'choose another with --partition: each server is a job of one node',
    doctor: { severity: 'error', matters: 'the jobs never start' },
  },
  {
    id: 'partition-short',
    cause: 'jobs in partition {partition} end after {limit}',
    hint: 'choose another with --partition, or plan to run the same deploy again',
    doctor: { severity: 'warning', matters: 'a training that takes longer loses its servers' },
  },
  {
    id: 'submit-host-not-allowed',
    cause: 'jobs for partition {partition} cannot be submitted from {node}',
    hint: 'submit from {allowed}, or choose another with --partition',
    doctor: { severity: 'error', matters: 'sbatch refuses the jobs' },
  },
  {
    id: 'maintenance-ahead',
    cause: 'maintenance {name} takes {count} of {of} nodes of partition {partition} {when}',
    hint: 'deploy with --time {time} to end before it on purpose, and deploy again after it',
    doctor: {
      severity: 'warning',
      matters:
        "jobs start there only if they end before it: 'deploy' shortens their time where too few other nodes are left",
    },
  },
  {
    id: 'jobs-forgotten-soon',
    cause: 'Slurm forgets a job {age} s after its end (MinJobAge), and there is no accounting',
    hint: 'ask the administrators for MinJobAge=300, its default',
    doctor: { severity: 'warning', matters: 'why a server ended is often not known' },
  },
  {
    id: 'jobs-can-be-suspended',
    cause: 'jobs here can be suspended for others (PreemptMode={mode})',
    hint: 'choose a --partition or --qos that is not preempted',
    doctor: { severity: 'warning', matters: 'a suspended server takes connections and answers none' },
  },
];
