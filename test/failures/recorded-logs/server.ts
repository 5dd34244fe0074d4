import type { RecordedLog } from './recorded-log.js';
import { START } from './recorded-log.js';
import { STEPD } from './slurm-lines.js';

export const SERVER_LOGS: RecordedLog[] = [
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
    'a machine without seccomp',
    [
      START,
      'error: this machine cannot put a seccomp filter on programs',
      '  bwrap: bwrap: Unable to set up system call filtering as requested: prctl(PR_SET_SECCOMP) reported EINVAL.',
      '  unshare: cannot put the seccomp filter on',
    ],
    'node node1 cannot put a seccomp filter on programs, which --isolation lite requires',
    /^error: this machine cannot put/,
    /leave --isolation out/,
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
  // Not met on the machine of the records: spelled as in the sources of Slurm, enroot and make.
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
  [
    'make alone',
    ['make: *** [Makefile:5: run-online] Error 3'],
    'the server ended while it started',
    /^make: /,
    /sandboxctl logs/,
  ],
];
