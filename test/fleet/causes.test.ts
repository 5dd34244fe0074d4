import { describe, expect, it } from 'vitest';
import { causeOf, type JobAbout } from '../../src/fleet/causes.js';
import { SIGNS } from '../../src/fleet/signs/index.js';
import type { JobEnd } from '../../src/scheduler/port.js';

const START = 'sandboxctl: instance 0 of fleet sandbox is job 1000_0 on node1 with 96 CPUs';
const READY = 'sandboxctl: ready on node1:8080';
const about: JobAbout = { image: '/img/a.sqsh', port: 8080, logFound: true };
const failed = (exitCode = '1:0', node: string | null = 'node1'): JobEnd => ({
  state: 'FAILED',
  reason: 'NonZeroExitCode',
  exitCode,
  node,
});
const ended = (state: string, more: Partial<JobEnd> = {}): JobEnd => ({
  state,
  reason: '',
  exitCode: null,
  node: 'node1',
  ...more,
});

const STEPD = 'slurmstepd-node1: error: ';
const PYXIS_FAILED = [
  `${STEPD}pyxis: failed to create container filesystem for image: /img/a.sqsh`,
  `${STEPD}pyxis: printing enroot log file:`,
];
const SPANK_FAILED = [
  `${STEPD}spank: required plugin spank_pyxis.so: task_init() failed with rc=-1`,
  'srun: error: node1: task 0: Exited with exit code 1',
];
const inPyxis = (...lines: string[]) => [
  ...PYXIS_FAILED,
  ...lines.map((line) => `${STEPD}pyxis:     ${line}`),
  ...SPANK_FAILED,
];

/** Log lines as the real tools were recorded: [what, lines, cause, the line that is quoted, hint]. */
const RECORDED: [string, string[], string, RegExp, RegExp][] = [
  [
    'missing image',
    inPyxis('[ERROR] No such file or directory: /home/sbx/nope.sqsh'),
    'the image /home/sbx/nope.sqsh does not exist on node node1',
    /pyxis: {5}\[ERROR\] No such file/,
    /imageDir/,
  ],
  [
    'truncated image',
    inPyxis('FATAL ERROR: File system corruption detected'),
    'the image /img/a.sqsh is cut short or damaged',
    /corruption detected$/,
    /import-image --force/,
  ],
  [
    'empty image',
    inPyxis('[ERROR] Invalid image format: /img/a.sqsh'),
    'the image /img/a.sqsh is empty or no squashfs',
    /Invalid image format/,
    /import-image --force/,
  ],
  [
    'flipped bytes',
    inPyxis(...Array<string>(300).fill('lzo uncompress failed with error code -6')),
    'the image /img/a.sqsh is damaged: some of its blocks do not unpack',
    /lzo uncompress failed/,
    /import-image --force/,
  ],
  [
    'an image path without a slash',
    [
      'pyxis: importing docker image: a.sqsh',
      `${STEPD}pyxis:     curl: (6) Could not resolve host: registry-1.docker.io`,
    ],
    "pyxis took 'a.sqsh' for an image on Docker Hub, since its path has no slash",
    /importing docker image/,
    /--image/,
  ],
  [
    'no way to a registry',
    [
      'pyxis: importing docker image: varad0309/code_sandbox:server',
      `${STEPD}pyxis:     curl: (6) Could not resolve host: registry-1.docker.io`,
    ],
    'node node1 could not load the image from its registry: Could not resolve host: registry-1.docker.io',
    /curl: \(6\)/,
    /import-image/,
  ],
  [
    'no pyxis',
    ["srun: unrecognized option '--container-image=/img/a.sqsh'", 'Try "srun --help" for more information'],
    'node node1 has no pyxis: srun there does not know --container-image',
    /unrecognized option/,
    /--partition/,
  ],
  [
    'no enroot',
    [...PYXIS_FAILED, ...SPANK_FAILED],
    'pyxis could not unpack the image, and enroot said nothing: node node1 may lack enroot',
    /printing enroot log file:$/,
    /--exclude node1/,
  ],
  [
    'containers on a shared folder',
    inPyxis('[ERROR] File already exists: /home/sbx/.local/share/enroot/pyxis_123.0'),
    'another node unpacked its container to the same place: /home/sbx/.local/share/enroot/pyxis_123.0',
    /File already exists/,
    /ENROOT_DATA_PATH/,
  ],
  [
    'a container of that name',
    [
      `${STEPD}pyxis: error: "create" flag was passed to --container-name but the container already exists`,
      ...SPANK_FAILED,
    ],
    'a container with the name that the job asks for is left on node node1',
    /"create" flag/,
    /--container-name/,
  ],
  [
    'an option given twice',
    ['srun: error: pyxis: --container-name specified multiple times'],
    'the job says --container-name twice',
    /specified multiple times/,
    /--sbatch-arg/,
  ],
  [
    'a mount that is not there',
    ['srun: error: pyxis: --container-mounts: source path does not exist: /nonexist'],
    'the folder /nonexist, to be mounted, does not exist on node node1',
    /source path does not exist/,
    /--mount/,
  ],
  [
    'a workdir that is not there',
    [`${STEPD}pyxis: couldn't chdir to /nonexistent: No such file or directory`],
    'the image has no folder /nonexistent to start in',
    /couldn't chdir/,
    /--template/,
  ],
  [
    'no folder for enroot to run in',
    inPyxis("mkdir: cannot create directory '/run/enroot': Permission denied"),
    'enroot has no folder of yours on node node1 to run in',
    /run\/enroot/,
    /ENROOT_RUNTIME_PATH/,
  ],
  [
    'any other error of enroot',
    inPyxis('[ERROR] Command not found: mksquashfs'),
    'enroot could not unpack the image /img/a.sqsh on node node1: Command not found: mksquashfs',
    /Command not found/,
    /import-image/,
  ],
  [
    'no run-online',
    ["make: *** No rule to make target 'run-online'.  Stop."],
    "the image's Makefile has no target run-online",
    /No rule/,
    /--image/,
  ],
  [
    'a program that is not there',
    [`${STEPD}execve(): nosuchcmd: No such file or directory`],
    'the image has no program nosuchcmd',
    /execve/,
    /--image/,
  ],
  [
    'make without uvicorn',
    [
      'uvicorn sandbox.server.server:app --host 0.0.0.0 --port 8080',
      'make: uvicorn: No such file or directory',
      'make: *** [Makefile:5: run-online] Error 127',
    ],
    'the image has no program uvicorn',
    /^make: uvicorn/,
    /--image/,
  ],
  [
    'a shell without uvicorn',
    ['bash: line 10: exec: uvicorn: not found'],
    'the image has no program uvicorn',
    /not found$/,
    /--image/,
  ],
  [
    'bind conflict',
    ['OSError: [Errno 98] Address already in use', 'make: *** [Makefile:5: run-online] Error 1'],
    'port 8080 is taken on node node1',
    /^OSError/,
    /--port-range/,
  ],
  [
    'bind conflict of uvicorn',
    [
      "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8080): address already in use",
    ],
    'port 8080 is taken on node node1',
    /Errno 98/,
    /--port/,
  ],
  [
    'a port of root',
    ["ERROR:    [Errno 13] error while attempting to bind on address ('0.0.0.0', 80): permission denied"],
    'the server may not listen on port 8080',
    /Errno 13/,
    /1023/,
  ],
  [
    'a state folder that is not there',
    ['sandboxctl: the state folder is not visible on node node1: /home/a/.local/state/sandboxctl/x'],
    'node node1 does not see the state folder',
    /^sandboxctl: the state folder/,
    /SANDBOXCTL_STATE_DIR/,
  ],
  [
    'no free port',
    ['sandboxctl: port 8080 is taken on node1', 'sandboxctl: no free port on node1: 8080, 8081-8082'],
    'no port is free on node1: all of 8080, 8081-8082 are taken',
    /no free port/,
    /--port-range/,
  ],
  [
    'a package that the node does not see',
    ['sandboxctl: node node1 does not see sandboxctl: /home/a/sandboxctl/bin/sandboxctl.js'],
    'node node1 does not see sandboxctl at /home/a/sandboxctl/bin/sandboxctl.js',
    /^sandboxctl: node node1 does not see/,
    /--runtime pyxis/,
  ],
  [
    'a node without Node',
    ['sandboxctl: node node1 has no Node 20.19 or newer: neither /opt/node nor on PATH=/usr/bin:/bin'],
    'node node1 has no Node 20.19 or newer to run the embedded server',
    /\/opt\/node/,
    /--runtime pyxis/,
  ],
  [
    'a machine that forbids isolation, which its tools call a full disk',
    [
      START,
      'error: this machine does not let programs be isolated',
      '  unshare: unshare: unshare failed: No space left on device',
      'hint: the kernel forbids user namespaces (/proc/sys/user/max_user_namespaces is 0): an admin can allow them',
    ],
    'node node1 does not let programs be isolated: it forbids user namespaces, or lacks bubblewrap',
    /^error: this machine/,
    /--isolation none/,
  ],
  [
    'no Python for the canary',
    [
      START,
      'error: there is no Python here, and the canary that a fleet judges its servers by is a Python program',
    ],
    'node node1 has no Python: the canary, which proves a server healthy, is written in it',
    /^error: there is no Python/,
    /install python3/,
  ],
  [
    'a node without enroot',
    ['sandboxctl: node node1 has no enroot on PATH=/usr/bin:/bin'],
    'node node1 has no enroot',
    /PATH=/,
    /--runtime embedded/,
  ],
  [
    'a node without a disk',
    ['sandboxctl: node node1 has no folder of its own to unpack the image in'],
    'node node1 has no disk of its own to unpack the image on',
    /no folder/,
    /--exclude node1/,
  ],
  [
    'enroot alone',
    ['[ERROR] Command not found: unsquashfs'],
    'enroot could not bring up the image /img/a.sqsh on node node1: Command not found: unsquashfs',
    /unsquashfs/,
    /import-image/,
  ],
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
    'SandboxFusion without docs/build',
    ["RuntimeError: Directory '/root/sandbox/docs/build' does not exist"],
    'SandboxFusion does not start without the folder /root/sandbox/docs/build',
    /docs\/build/,
    /mkdir -p docs\/build/,
  ],
  [
    'SandboxFusion without its conda environment',
    ['EnvironmentNameNotFound: Could not find conda environment: sandbox-runtime'],
    'the image lacks the conda environment sandbox-runtime',
    /conda environment/,
    /install-python-runtime/,
  ],
  [
    'a module that is not there',
    [
      'Traceback (most recent call last):',
      "ModuleNotFoundError: No module named 'sandbox'",
      'make: *** [Makefile:5: run-online] Error 1',
    ],
    "the server's Python lacks the module sandbox",
    /ModuleNotFoundError/,
    /--image/,
  ],
  [
    'any other error of Python',
    ['Traceback (most recent call last):', 'yaml.scanner.ScannerError: mapping values are not allowed here'],
    'the server ended with ScannerError: mapping values are not allowed here',
    /ScannerError/,
    /sandboxctl logs/,
  ],
  [
    'no step',
    ['srun: error: Unable to create step for job 27: Memory required by task is not available'],
    'srun could not start the server: Unable to create step for job 27: Memory required by task is not available',
    /Unable to create step/,
    /--mem/,
  ],
  // Not met on the machine of the records: spelled as the sources of Slurm, enroot and make spell them.
  [
    'preemption',
    ['slurmstepd-node1: error: *** JOB 5 ON node1 CANCELLED AT 2026-11-22T22:53:23 DUE TO PREEMPTION ***'],
    'it was preempted by another job',
    /PREEMPTION/,
    /--qos/,
  ],
  [
    'no user namespaces',
    inPyxis('enroot-nsenter: failed to create user namespace: Operation not permitted'),
    'node node1 does not let users make containers: user namespaces are off',
    /user namespace/,
    /--partition/,
  ],
  [
    'a server killed',
    ['make: *** [Makefile:5: run-online] Killed'],
    'its server was killed, most likely for want of memory',
    /Killed/,
    /--mem/,
  ],
  [
    'an interface that the node lacks',
    ['sandboxctl: node node1 has no address by endpoint host interface:ib0'],
    'node node1 has no address by the endpoint host interface:ib0',
    /interface:ib0$/,
    /--endpoint-host/,
  ],
  ['no memory', ['MemoryError'], 'its server was refused memory', /MemoryError/, /--mem/],
];

describe('what the log of a job that failed says', () => {
  it.each(RECORDED)('%s', (_what, lines, cause, words, hint) => {
    const found = causeOf(failed(), [START, ...lines], about);
    expect(found.cause).toBe(cause);
    expect(found.words).toMatch(words);
    expect(lines).toContain(found.words);
    expect(found.hint).toMatch(hint);
  });

  it('has a line for every sign', () => {
    const unseen = SIGNS.filter(
      ({ pattern }) => !RECORDED.some(([, lines]) => lines.some((l) => pattern.test(l))),
    );
    expect(unseen).toEqual([]);
  });

  it('is read from the last start on, and after the last port that was taken', () => {
    const lines = [
      START,
      "ModuleNotFoundError: No module named 'old'",
      START,
      'OSError: [Errno 98] Address already in use',
      'sandboxctl: port 8080 was taken on node1 while the server started',
      "RuntimeError: Directory '/root/sandbox/docs/build' does not exist",
    ];
    expect(causeOf(failed(), lines, about).cause).toMatch(/docs\/build/);
  });

  it('is not what the programs of a server that was ready print', () => {
    const lines = [START, READY, "ModuleNotFoundError: No module named 'theirs'", 'No space left on device'];
    expect(causeOf(failed('137:0'), lines, about)).toMatchObject({
      cause: 'its server was ended by SIGKILL',
      words: '',
    });
    const killed = 'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.0.';
    expect(causeOf(failed('137:0'), [...lines, killed], about).words).toBe(killed);
  });

  it('names no node where nobody knows it', () => {
    const line = "srun: unrecognized option '--container-image=/img/a.sqsh'";
    expect(causeOf(failed('255:0', null), [line], about).cause).toMatch(/^its node has no pyxis/);
  });

  it('is quoted in a length that can be read', () => {
    const line = `ModuleNotFoundError: No module named '${'x'.repeat(100_000)}`;
    expect(causeOf(failed(), [line], about).words.length).toBeLessThanOrEqual(500);
  });
});

describe('what the state of a job says', () => {
  const cancelled = 'slurmstepd-node1: error: *** JOB 1 ON node1 CANCELLED AT 2026-11-22T22:53:23 ***';
  it.each<[string, JobEnd, string[], string, string, RegExp]>([
    ['out of memory', ended('OUT_OF_MEMORY'), [], 'it needed more memory than the job has', '', /--mem/],
    ['time limit', ended('TIMEOUT'), [], 'its time limit ended', '', /--time/],
    ['preempted', ended('PREEMPTED'), [], 'it was preempted by another job', '', /--qos/],
    ['cancelled', ended('CANCELLED'), [READY, cancelled], 'it was cancelled', cancelled, /deploy/],
    [
      'cancelled by',
      ended('CANCELLED by 2000'),
      [],
      'it was cancelled by the user with id 2000',
      '',
      /deploy/,
    ],
    ['deadline', ended('DEADLINE'), [], 'its deadline came', '', /--sbatch-arg/],
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
      'Slurm could not run it: BadConstraints',
      '',
      /--constraint/,
    ],
    ['exit 72', failed('72:0'), [], 'node node1 has nothing to run the server with', '', /Node 20/],
    [
      'exit 73',
      failed('73:0'),
      [],
      'node node1 has no disk of its own to unpack the image on',
      '',
      /--exclude/,
    ],
    ['exit 78', failed('78:0'), [], 'the state folder is not visible on node node1', '', /STATE_DIR/],
    ['exit 98', failed('98:0'), [], 'no port that the job may use is free on node node1', '', /--port/],
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
  ])('%s', (_what, end, lines, cause, words, hint) => {
    const found = causeOf(end, lines, about);
    expect(found).toMatchObject({ cause, words });
    expect(found.hint).toMatch(hint);
  });

  it('tells a log folder that the node does not see from other failed launches', () => {
    const end = ended('FAILED', { reason: 'JobLaunchFailure', exitCode: '0:53' });
    expect(causeOf(end, [], { ...about, logFound: false })).toEqual({
      cause: 'Slurm could not launch it (JobLaunchFailure): its log cannot be written on node node1',
      words: '',
      hint: 'put the log into a folder that the nodes see: config key output; if its folder was made just now, the same deploy again may do',
    });
    expect(causeOf(end, [], about).hint).toMatch(/--exclude node1/);
  });
});
