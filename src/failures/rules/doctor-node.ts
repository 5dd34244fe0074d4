import type { FailureRule } from '../rule.js';

/** What only `sandboxctl doctor` finds of a compute node. */
export const DOCTOR_NODE_RULES: readonly FailureRule[] = [
  {
    id: 'node-cannot-ask-slurm',
    cause: 'Slurm does not answer on {node}',
    hint: "run 'sandboxctl deploy' and its like where 'scontrol ping' says UP, such as on the login node",
    doctor: {
      severity: 'warning',
      matters:
        "'sandboxctl exec' and 'sandboxctl gateway' work there, but 'deploy', 'status' and 'stop' do not",
    },
  },
  {
    id: 'node-not-had',
    cause: 'no job could be started in partition {partition} to check a node',
    hint: 'name another with --partition, or try again when a node is free',
    doctor: { severity: 'warning', matters: 'what a node lacks is found only when the servers start' },
  },
  {
    id: 'state-folder-stale',
    cause: '{who} sees a new file in the state folder only after {seconds} s',
    hint: 'choose a faster file system: SANDBOXCTL_STATE_DIR',
    doctor: {
      severity: 'warning',
      matters: 'servers that are ready, and those that failed, are noticed so much later',
    },
  },
  {
    id: 'clocks-differ',
    cause: 'the clock of {node} is {seconds} s {direction} the one here',
    hint: 'ask the administrators to synchronize it (chrony, NTP)',
    doctor: {
      severity: 'warning',
      matters:
        'times in logs, events and expires_at do not fit together; from 5 minutes on Slurm refuses to authenticate',
    },
  },
  {
    id: 'cpus-overstated',
    cause: 'Slurm counts {slurm} CPUs on {node}, which has {hardware}',
    hint: 'set --workers to what the node can run, or ask the administrators to correct slurm.conf',
    doctor: {
      severity: 'warning',
      matters: 'servers start too many workers, and programs time out that would not',
    },
  },
  {
    id: 'workers-too-many',
    cause: '--workers {workers} is more than the {hardware} CPUs of {node}',
    hint: 'leave --workers out, which starts one for every three CPUs',
    doctor: {
      severity: 'warning',
      matters: 'each worker takes some 90 MB and starts programs at once: they wait for a CPU, and time out',
    },
  },
  {
    id: 'other-architecture',
    cause: 'the image is for {image}, and {node} is {machine}',
    hint: 'import it for the nodes: sandboxctl import-image --force --arch {machine}',
    doctor: { severity: 'error', matters: 'no program in the image can run there' },
  },
  {
    id: 'folder-not-seen',
    cause: 'node {node} does not see {role}: {folder}',
    hint: 'use a folder on a file system that the nodes share: {setting}',
    doctor: { severity: 'error', matters: '{matters}' },
  },
  {
    id: 'server-not-reached-from',
    cause: '{what} of fleet {fleet} cannot be reached from {node}: {url}',
    hint: 'deploy with another --endpoint-host, such as ip or interface:NAME; or ask whether a firewall closes the port',
    doctor: { severity: 'error', matters: 'clients there get no answer from it' },
  },
];
