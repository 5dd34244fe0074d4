import type { Subject } from './case.js';

/** Exits and signals, children, groups, shared memory. */
export const PROCESSES: Subject = [
  {
    name: 'a signal to its own group',
    language: 'python',
    code: "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN); os.kill(0, signal.SIGTERM); print('alive')",
  },
  {
    name: 'SIGUSR1 to its group, with a handler',
    language: 'python',
    code: "import os, signal\nsignal.signal(signal.SIGUSR1, lambda *_: print('handled', flush=True)); os.kill(0, signal.SIGUSR1); print('after')",
  },
  {
    name: 'SIGINT to its group is a KeyboardInterrupt',
    language: 'python',
    code: "import os, signal\ntry: os.kill(0, signal.SIGINT)\nexcept KeyboardInterrupt: print('caught')",
  },
  {
    name: 'SIGHUP to its group, ignored',
    language: 'bash',
    code: "trap '' HUP; kill -HUP 0; echo alive",
  },
  {
    name: 'killpg ends a child',
    language: 'python',
    code: "import os, signal, subprocess\nsignal.signal(signal.SIGTERM, lambda *_: None)\nchild = subprocess.Popen(['sleep', '30'])\nos.killpg(os.getpgrp(), signal.SIGTERM)\nprint(child.wait())",
  },
  {
    name: 'bash ends its children by kill 0',
    language: 'bash',
    code: "trap 'echo trapped' TERM; sleep 30 & kill 0; wait; echo done",
  },
  {
    name: 'what descriptors it has',
    language: 'python',
    code: "import os\nprint(sorted(int(fd) for fd in os.listdir('/proc/self/fd')))",
  },
  {
    name: 'it leads a group and a session',
    language: 'python',
    code: 'import os\nprint(os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid(), os.getppid() != os.getpid())',
  },
  {
    name: 'a pipe that nobody reads',
    language: 'bash',
    code: 'set -o pipefail; yes | head -1; echo $?; yes | head -1; exit $?',
  },
  {
    name: 'no signal is blocked or ignored',
    language: 'bash',
    code: 'grep -E "^Sig(Blk|Ign|Cgt)|^ShdPnd" /proc/self/status',
  },
  {
    name: 'a background process of a killed parent',
    language: 'python',
    code: "import os, time\nif os.fork() == 0:\n    time.sleep(0.1); print('child', os.getppid() != 0, flush=True); os._exit(0)\nos.wait(); print('parent')",
  },
  { name: 'SIGTERM to its group', language: 'bash', code: 'kill -TERM 0; sleep 1; echo not reached' },
  { name: 'SIGKILL to its group', language: 'bash', code: 'kill -KILL 0; sleep 1; echo not reached' },
  ...[1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 31].map((number) => ({
    name: `ends by signal ${number}`,
    language: 'python',
    code: `import os, signal\nif ${number} != 9: signal.signal(${number}, signal.SIG_DFL)\nos.kill(os.getpid(), ${number})`,
  })),
  ...[1, 2, 126, 127, 128, 129, 130, 137, 139, 141, 143, 255].map((code) => ({
    name: `exits with ${code}`,
    language: 'bash',
    code: `exit ${code}`,
  })),
];
