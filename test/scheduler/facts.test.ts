import { describe, expect, it } from 'vitest';
import {
  errorLine,
  onlyGone,
  ownLines,
  parseConfig,
  parseLength,
  parsePartition,
  parseSacct,
  parseScontrolJobs,
  parseSinfo,
} from '../../src/scheduler/slurm/parse.js';

it.each([
  ['0:00', 0],
  ['0:48', 48],
  ['59:59', 3_599],
  ['1:30:00', 5_400],
  ['4-00:00:00', 345_600],
  ['365-23:59:59', 31_622_399],
  ['UNLIMITED', null],
  ['INVALID', null],
  ['NOT_SET', null],
  ['n/a', null],
  ['', null],
  ['-1:00', null],
])('the time %j is %j seconds', (text, seconds) => {
  expect(parseLength(text)).toBe(seconds);
});

describe('sinfo', () => {
  it('lists a node for each of its partitions', () => {
    const stdout = [
      'node1|10.77.0.1|cpuonly*|96|infinite|up|idle|393216|(null)|1-infinite',
      'node2|10.77.0.2|cpuonly*|64|infinite|up|down*|262144|gpu:a100:4(S:0,1),nvme:1|1-infinite',
      'node1|10.77.0.1|short|96|1:00:00|up|idle|393216|(null)|2-8',
      'node1|10.77.0.1|old|96+|4-00:00:00|drain|drained|393216+|gpu,craynetwork:2|1',
      '',
    ].join('\n');
    const [node1, node2] = [
      { name: 'node1', address: '10.77.0.1', cpus: 96, memory: 393_216, gpus: 0 },
      { name: 'node2', address: '10.77.0.2', cpus: 64, memory: 262_144, gpus: 4 },
    ];
    expect(parseSinfo(stdout)).toEqual({
      nodes: [
        { ...node1, partition: 'cpuonly', state: 'idle' },
        { ...node2, partition: 'cpuonly', state: 'down*' },
        { ...node1, partition: 'short', state: 'idle' },
        { ...node1, partition: 'old', gpus: 1, state: 'drained' },
      ],
      partitions: [
        { name: 'cpuonly', isDefault: true, timeLimit: null, availability: 'up', minNodes: 1 },
        { name: 'short', isDefault: false, timeLimit: 3_600, availability: 'up', minNodes: 2 },
        { name: 'old', isDefault: false, timeLimit: 345_600, availability: 'drain', minNodes: 1 },
      ],
    });
  });

  it('may stand among lines of a site’s wrapper', () => {
    const line = 'node1|10.77.0.1|cpuonly*|96|infinite|up|idle|393216|(null)|1-infinite';
    expect(parseSinfo(`Welcome | to | us\n${line}\n\nbye\n`).nodes.map(({ name }) => name)).toEqual([
      'node1',
    ]);
  });

  it('that lists nothing has nothing', () => expect(parseSinfo('')).toEqual({ nodes: [], partitions: [] }));
});

it.each([
  ['MaxArraySize            = 1001\n', { maxArraySize: 1001, name: null, needsAccount: false }],
  ['Foo = 1\nMaxArraySize = 0\nClusterName = a\n', { maxArraySize: 0, name: 'a', needsAccount: false }],
  ['AccountingStorageEnforce = associations,limits\n', { needsAccount: true }],
  ['AccountingStorageEnforce = none\n', { needsAccount: false }],
  ['', { maxArraySize: 1001 }],
])('scontrol show config %j says %j', (config, facts) => {
  expect(parseConfig(config)).toMatchObject(facts);
});

it('scontrol shows a partition of which sinfo shows no node', () => {
  const line =
    'PartitionName=elastic AllowGroups=ALL Default=NO DefaultTime=NONE MaxTime=00:30:00 MinNodes=0 State=UP TotalNodes=2';
  expect(parsePartition(`a wrapper\n${line}\n`)).toEqual({
    ...{ name: 'elastic', isDefault: false, timeLimit: 1_800, availability: 'up', minNodes: 1 },
  });
  expect(parsePartition('Partition nope not found\n')).toBeUndefined();
});

it.each([
  ['scancel: error: Kill job error on job id 7: Invalid job id specified\n', true],
  ['scancel: error: note\nscancel: error: Kill job error on job id 7: Job/step already completing\n', true],
  [
    'scancel: error: Kill job error on job id 7: Invalid job id specified\nscancel: error: Kill job error on job id 8: Access/permission denied\n',
    false,
  ],
  ['scancel: error: Unable to contact slurm controller (connect failure)\n', false],
  ['', false],
])('scancel that says %j found only jobs that are gone: %s', (stderr, only) => {
  expect(onlyGone(stderr)).toBe(only);
});

describe('how jobs ended', () => {
  it('is told of our jobs alone: an old id may be somebody’s other job', () => {
    const ours = '7_0|FAILED|3:0|node1|None|sandboxctl-team';
    expect(ownLines(`${ours}\n8|FAILED|1:0|node1|None|train\n`)).toBe(ours);
    const shown =
      'JobId=7 ArrayJobId=7 ArrayTaskId=0 JobName=sandboxctl-team UserId=sbx(2000) JobState=FAILED';
    expect(ownLines(`JobId=9 JobName=a\nb JobState=RUNNING\n${shown}\n`)).toBe(shown);
  });

  it('in sacct’s words', () => {
    const stdout = [
      '61|FAILED|3:0|node1|None',
      '62_0|CANCELLED by 2000|0:15|node2|None',
      '62_1|OUT_OF_MEMORY|0:125|node3|OutOfMemory',
      '63|PENDING|0:0|None assigned|Resources',
      '',
    ].join('\n');
    expect([...parseSacct(stdout)]).toEqual([
      ['61', { state: 'FAILED', reason: '', exitCode: '3:0', node: 'node1' }],
      ['62_0', { state: 'CANCELLED by 2000', reason: '', exitCode: '0:15', node: 'node2' }],
      ['62_1', { state: 'OUT_OF_MEMORY', reason: 'OutOfMemory', exitCode: '0:125', node: 'node3' }],
      ['63', { state: 'PENDING', reason: 'Resources', exitCode: '0:0', node: null }],
    ]);
  });

  it('in scontrol’s: an element’s own JobId is another number than the one it goes by', () => {
    const line = (id: number, rest: string) => `JobId=${id} ${rest} UserId=sbx(2000)`;
    const stdout = [
      line(
        1003,
        'ArrayJobId=1000 ArrayTaskId=3 JobName=a b JobState=FAILED Reason=NonZeroExitCode Dependency=(null) ExitCode=2:0 NodeList=node1 BatchHost=node1',
      ),
      line(1004, 'JobName=x JobState=PENDING Reason=None ExitCode=0:0 ReqNodeList=(null) NodeList=(null)'),
      '',
    ].join('\n');
    expect([...parseScontrolJobs(stdout)]).toEqual([
      ['1000_3', { state: 'FAILED', reason: 'NonZeroExitCode', exitCode: '2:0', node: 'node1' }],
      ['1004', { state: 'PENDING', reason: '', exitCode: '0:0', node: null }],
    ]);
  });
});

it.each([
  ['', undefined],
  ['squeue: warning: error in my heart\n', undefined],
  ['squeue: error: Invalid user: x\n', 'squeue: error: Invalid user: x'],
  [
    'note\n  slurm_load_jobs error: Invalid job id specified\n',
    'slurm_load_jobs error: Invalid job id specified',
  ],
  [
    'squeue: error: Ignoring ControlMachine since SlurmctldHost is set.\nslurm_load_jobs error: Zero Bytes\n',
    'slurm_load_jobs error: Zero Bytes',
  ],
  [
    'srun: error: Ignoring it\nslurmstepd: error: execve(): x: No such file\nsrun: error: node2: task 0: Exited with exit code 2\n',
    'slurmstepd: error: execve(): x: No such file',
  ],
  ['sinfo: fatal: no conf\n', 'sinfo: fatal: no conf'],
  [
    'slurm_load_partitions: Unable to contact slurm controller (connect failure)\n',
    'slurm_load_partitions: Unable to contact slurm controller (connect failure)',
  ],
])('the error in %j is %j', (stderr, line) => {
  expect(errorLine(stderr)).toBe(line);
});
