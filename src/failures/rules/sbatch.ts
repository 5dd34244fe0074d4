import type { FailureRule } from '../rule.js';

export const SBATCH_RULES: readonly FailureRule[] = [
  {
    // Before the account and the partition, which these messages name too.
    id: 'sbatch-limit',
    sbatch: /accounting\/QOS policy|limit/i,
    cause: 'the request exceeds a limit of the account, the partition or the quality of service (QOS)',
    hint: "ask for less with --nodes or --time, or end another fleet first with 'sandboxctl stop --fleet NAME'",
    doctor: { severity: 'error', matters: 'sbatch refuses some of the jobs' },
  },
  {
    id: 'sbatch-account',
    sbatch: /account/i,
    cause: 'Slurm does not accept the account for these jobs',
    hint: "name an account of yours with --account; 'sacctmgr show assoc user=$USER' lists them",
    doctor: { severity: 'error', matters: 'sbatch refuses the jobs' },
  },
  {
    id: 'sbatch-partition',
    sbatch: /partition/i,
    cause: 'Slurm does not accept the partition',
    hint: "name another with --partition; 'sinfo' lists them",
  },
  {
    id: 'sbatch-qos',
    sbatch: /qos/i,
    cause: 'Slurm does not accept the quality of service (QOS)',
    hint: "name another with --qos; 'sacctmgr show qos' lists them",
  },
  {
    id: 'sbatch-reservation',
    sbatch: /reservation/i,
    cause: 'Slurm does not accept the reservation',
    hint: "name another with --reservation; 'scontrol show reservation' lists them",
  },
  {
    id: 'sbatch-nodes',
    sbatch: /node name|node configuration|feature|CPU count|Memory specification/i,
    cause: 'no node of the partition meets the request',
    hint: 'check --nodelist, --exclude, --constraint, --cpus-per-task and --mem',
  },
];
