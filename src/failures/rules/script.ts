import type { FailureRule } from '../rule.js';

const AGAIN = "'sandboxctl deploy'";

/** Reported by id: `fail` in templates/job.sbatch.hbs. */
export const SCRIPT_RULES: readonly FailureRule[] = [
  {
    id: 'state-folder-not-visible',
    exitCode: '78',
    cause: 'node {node} does not see the state folder',
    hint: `set SANDBOXCTL_STATE_DIR to a folder on a file system that the nodes share, then run ${AGAIN}`,
    doctor: { severity: 'error', matters: 'no job can say where its server listens, so none becomes ready' },
  },
  {
    id: 'sandboxctl-not-visible',
    cause: 'node {node} does not see sandboxctl at {path}',
    hint: 'install sandboxctl on a file system that the nodes share, or deploy with --runtime pyxis',
    missingPrerequisite: true,
    doctor: { severity: 'error', matters: 'jobs of the runtime embedded end as they start' },
  },
  {
    id: 'no-nodejs',
    cause: 'node {node} has no Node 20.19 or newer to run the embedded server',
    hint: 'install one on a file system that the nodes share and deploy with it, or deploy with --runtime pyxis',
    missingPrerequisite: true,
    doctor: { severity: 'error', matters: 'jobs of the runtime embedded end as they start' },
  },
  {
    id: 'no-enroot',
    cause: 'node {node} has no enroot',
    hint: 'have it installed there, keep the fleet off the node with --exclude {node}, or deploy with --runtime embedded',
    missingPrerequisite: true,
    doctor: { severity: 'error', matters: 'jobs that start a container end as they start' },
  },
  {
    id: 'no-local-disk',
    exitCode: '73',
    cause: 'node {node} has no disk of its own to unpack the image on',
    hint: 'keep the fleet off the node with --exclude {node}, or tell the administrators: the job tried $TMPDIR, /tmp and /var/tmp',
  },
  {
    id: 'no-address',
    cause: 'node {node} has no address by the endpoint host {host}',
    hint: 'name another with --endpoint-host, or leave it out for the address that Slurm has',
  },
  {
    id: 'no-free-port',
    cause: 'no port is free on {node}: all of {ports} are taken',
    hint: 'name others with --port or --port-range, or keep the fleet off the node with --exclude {node}',
    doctor: { severity: 'error', matters: 'the server there cannot listen' },
  },
  {
    id: 'environment-file-missing',
    exitCode: '66',
    cause: 'the file with the values of --env is missing from the state folder',
    hint: "'sandboxctl deploy' with the same --env writes it again",
  },
];
