import type { JobAbout } from '../../src/failures/job-cause.js';
import type { JobEnd } from '../../src/fleet/job-facts.js';
import { START } from './recorded-logs/recorded-log.js';

export const READY = 'sandboxctl: ready on node1:8080';
export const about: JobAbout = { image: '/img/a.sqsh', port: 8080, logFound: true };
export const failed = (exitCode = '1:0', node: string | null = 'node1'): JobEnd => ({
  state: 'FAILED',
  reason: 'NonZeroExitCode',
  exitCode,
  node,
});
export const ended = (state: string, more: Partial<JobEnd> = {}): JobEnd => ({
  state,
  reason: '',
  exitCode: null,
  node: 'node1',
  ...more,
});

/** [what, how the scheduler says the job ended, its log, cause, the line that is quoted, hint]. */
const cancelled = 'slurmstepd-node1: error: *** JOB 1 ON node1 CANCELLED AT 2026-11-22T22:53:23 ***';
export const RECORDED_ENDS: [string, JobEnd, string[], string, string, RegExp][] = [
  ['out of memory', ended('OUT_OF_MEMORY'), [], 'it needed more memory than the job has', '', /--mem/],
  ['time limit', ended('TIMEOUT'), [], 'its time limit ended', '', /--time/],
  ['preempted', ended('PREEMPTED'), [], 'it was preempted by another job', '', /--qos/],
  ['cancelled', ended('CANCELLED'), [READY, cancelled], 'it was cancelled', cancelled, /deploy/],
  ['cancelled by', ended('CANCELLED by 2000'), [], 'it was cancelled by the user with id 2000', '', /deploy/],
  ['deadline', ended('DEADLINE'), [], 'its deadline passed', '', /--sbatch-arg/],
  ['boot', ended('BOOT_FAIL'), [], 'node node1 did not boot', '', /--exclude node1/],
  [
    'node failure',
    ended('NODE_FAIL', { reason: 'NodeDown' }),
    [READY, 'srun: error: Node failure on node1'],
    'node node1 failed',
    'srun: error: Node failure on node1',
    /--exclude node1/,
  ],
  ['a reason only', ended('FAILED', { reason: 'NodeDown' }), [], 'node node1 failed', '', /--exclude/],
  [
    'constraints',
    ended('FAILED', { reason: 'BadConstraints' }),
    [],
    'Slurm could not run it: no node meets all requirements of the job (BadConstraints)',
    '',
    /--constraint/,
  ],
  ['exit 72', failed('72:0'), [], 'node node1 lacks what the runtime needs', '', /--runtime/],
  [
    'exit 73',
    failed('73:0'),
    [],
    'node node1 has no disk of its own to unpack the image on',
    '',
    /--exclude/,
  ],
  ['exit 78', failed('78:0'), [], 'node node1 does not see the state folder', '', /STATE_DIR/],
  ['exit 98', failed('98:0'), [], 'all ports that the job may use are taken on node node1', '', /--port/],
  ['exit 7', failed('7:0'), [], 'its server ended with exit code 7', '', /logs/],
  ['a signal', failed('0:9'), [], 'its server was ended by SIGKILL', '', /logs/],
  ['TERM', failed('143:0'), [], 'its server was ended by SIGTERM', '', /logs/],
  [
    'no error',
    ended('COMPLETED', { exitCode: '0:0' }),
    [],
    'its server ended by itself, without an error',
    '',
    /logs/,
  ],
  ['nobody knows', ended(''), [], 'it ended, and Slurm no longer knows how', '', /logs/],
  ['it runs', ended('RUNNING'), [START], 'its job runs, but its server is not ready', '', /logs -f/],
  ['revoked', ended('REVOKED'), [], 'another cluster of the federation took the job', '', /deploy/],
  [
    'a restart, whatever the log says last',
    ended('FAILED', { reason: 'MachineRestarted' }),
    ["ModuleNotFoundError: No module named 'x'"],
    'the machine was restarted',
    '',
    /deploy/,
  ],
  [
    'a killed supervisor',
    ended('FAILED', { reason: 'SupervisorKilled' }),
    [],
    'its supervisor was killed, so its exit code is unknown',
    '',
    /deploy/,
  ],
  [
    'a prolog',
    ended('FAILED', { reason: 'Prolog' }),
    [],
    'node node1 could not run it (Prolog)',
    '',
    /--exclude/,
  ],
  [
    'exit 66',
    failed('66:0'),
    [],
    'the file with the values of --env is missing from the state folder',
    '',
    /--env/,
  ],
  [
    'exit 69',
    failed('69:0'),
    [],
    'node node1 has no address of the kind that --endpoint-host asks for',
    '',
    /--endpoint-host/,
  ],
  ['an odd state', ended('SPECIAL_EXIT'), [], 'it ended, and Slurm reports SPECIAL_EXIT', '', /logs/],
  [
    'a failed launch',
    ended('FAILED', { reason: 'JobLaunchFailure' }),
    [],
    'Slurm could not launch it on node node1 (JobLaunchFailure)',
    '',
    /--exclude/,
  ],
];
