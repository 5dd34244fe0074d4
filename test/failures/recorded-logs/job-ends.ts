import type { RecordedLog } from './recorded-log.js';
import { inPyxis } from './slurm-lines.js';

export const JOB_END_LOGS: RecordedLog[] = [
  [
    'a full disk',
    inPyxis(
      'Write failed because No space left on device',
      'FATAL ERROR: Failed to write to output filesystem',
    ),
    'a disk of node node1 is full',
    /No space left/,
    /--exclude node1/,
  ],
  [
    'a quota',
    ['mkdir: cannot create directory ‘/home/a/x’: Disk quota exceeded'],
    'a disk quota is used up',
    /quota/,
    /imageDir/,
  ],
  [
    'the oom killer',
    [
      'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1000.0. Some of your processes may have been killed',
    ],
    'it needed more memory than the job has',
    /oom-kill/,
    /--mem/,
  ],
  [
    'Slurm itself, where no cgroup holds the limit',
    [
      'slurmstepd-node2: error: Exceeded job memory limit',
      'slurmstepd-node2: error: StepId=1001.0 exceeded memory limit (311676928 > 104857600), being killed',
      'slurmstepd-node2: error: *** STEP 1001.0 ON node2 CANCELLED AT 2026-11-23T05:23:05 ***',
      'srun: error: node2: task 0: Killed',
    ],
    'it needed more memory than the job has',
    /311676928 > 104857600/,
    /--mem/,
  ],
  [
    'newer words of the oom killer',
    [
      'slurmstepd: error: Detected 2 oom_kill events in StepId=1000.0. Some of the step tasks have been OOM Killed.',
    ],
    'it needed more memory than the job has',
    /oom_kill/,
    /--workers/,
  ],
  [
    'time limit',
    ['slurmstepd-node2: error: *** JOB 27 ON node2 CANCELLED AT 2026-11-22T22:53:23 DUE TO TIME LIMIT ***'],
    'its time limit ended',
    /TIME LIMIT/,
    /--time/,
  ],
  [
    'a node that failed',
    ['srun: error: Node failure on node4'],
    'node node1 failed',
    /Node failure/,
    /--exclude node1/,
  ],
  [
    'no step',
    ['srun: error: Unable to create step for job 27: Memory required by task is not available'],
    'srun could not start the server: Unable to create step for job 27: Memory required by task is not available',
    /Unable to create step/,
    /--mem/,
  ],
  // Not met on the machine of the records: spelled as in the sources of Slurm, enroot and make.
  ['no memory', ['MemoryError'], 'its server was refused memory', /MemoryError/, /--mem/],
  [
    'preemption',
    ['slurmstepd-node1: error: *** JOB 5 ON node1 CANCELLED AT 2026-11-22T22:53:23 DUE TO PREEMPTION ***'],
    'it was preempted by another job',
    /PREEMPTION/,
    /--qos/,
  ],
];
