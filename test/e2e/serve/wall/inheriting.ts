import { expect } from 'vitest';
import { type Attempt, python } from './attempt.js';

const EVERYWHERE = { withoutIsolation: true };

/** Programs that look for what the server's caller left behind (inherited.py). */
export const DESCRIPTORS: readonly Attempt[] = [
  python(
    'finds descriptors that nobody handed to it',
    `for fd in range(3, 2048):
    try: print("BROKEN", fd, os.readlink(f"/proc/self/fd/{fd}"))
    except OSError: pass`,
    EVERYWHERE,
  ),
  python(
    'reads below a folder that somebody left open',
    `for fd in range(3, 1024):
    for path in (".ssh/id_ed25519", "notes.txt", "../../etc/shadow"):
        try: print(fd, os.read(os.open(path, os.O_RDONLY, dir_fd=fd), 99))
        except OSError: pass`,
    EVERYWHERE,
  ),
  python(
    'goes into a folder that somebody left open',
    `for fd in range(3, 1024):
    try: os.fchdir(fd)
    except OSError: continue
    print("BROKEN", fd, os.getcwd())`,
    EVERYWHERE,
  ),
  python(
    'reads a file that somebody left open',
    `for fd in range(3, 1024):
    try: print("BROKEN", fd, os.pread(fd, 99, 0))
    except OSError: pass`,
    EVERYWHERE,
  ),
  python(
    'writes to what somebody left open',
    `for fd in range(3, 1024):
    try: print("BROKEN", fd, os.write(fd, b"sandboxctl-wall"))
    except OSError: pass`,
    EVERYWHERE,
  ),
  python(
    'makes a file in a folder that somebody left open',
    `for fd in range(3, 1024):
    try: print("BROKEN", fd, os.open("open/sandboxctl-wall", os.O_WRONLY | os.O_CREAT, dir_fd=fd))
    except OSError: pass`,
    EVERYWHERE,
  ),
  python(
    'opens descriptors anew by their names',
    `for fd in range(3, 1024):
    for name in (f"/proc/self/fd/{fd}", f"/dev/fd/{fd}"):
        try: print("BROKEN", name, os.open(name, os.O_RDONLY))
        except OSError: pass`,
    EVERYWHERE,
  ),
  python(
    'hands all it has to a child',
    `found = subprocess.run(["ls", "/proc/self/fd"], close_fds=False, capture_output=True, text=True).stdout.split()
if [each for each in found if int(each) > 3]: print("BROKEN", found)`,
    EVERYWHERE,
  ),
  {
    name: 'reads descriptors by a shell',
    withoutIsolation: true,
    request: () => ({
      language: 'bash',
      code: 'for fd in 20 200 900; do cat <&$fd; ls -l /proc/self/fd/$fd; ls /proc/self/fd/$fd/.. && echo BROKEN; done 2>/dev/null',
    }),
  },
  {
    name: 'includes a descriptor into C++',
    withoutIsolation: true,
    request: () => ({ language: 'cpp', code: '#include "/proc/self/fd/200"\nint main() {}' }),
    check: ({ compile_result }) => expect(compile_result?.return_code).not.toBe(0),
  },
  {
    name: 'reads descriptors by Node',
    withoutIsolation: true,
    request: () => ({
      language: 'nodejs',
      code: `const fs = require('fs');
for (const fd of [200, 900]) try { console.log('BROKEN', fs.readSync(fd, Buffer.alloc(99))); } catch {}
try { console.log('BROKEN', fs.readdirSync('/proc/self/fd/20')); } catch {}`,
    }),
  },
];

const KEYCTL = 'KEYCTL = 250 if X86 else 219\n';

export const KEYRINGS: readonly Attempt[] = [
  python(
    "reads a key of the caller's session",
    `${KEYCTL}key = syscall(KEYCTL, 10, -3, b"user", b"host-secret", 0)
if key > 0:
    held = ctypes.create_string_buffer(99)
    print("BROKEN", syscall(KEYCTL, 11, key, held, 99, 0), held.value)`,
    EVERYWHERE,
  ),
  python(
    'reads keys of its user',
    `${KEYCTL}for ring in (-1, -2, -3, -4, -5, -6, -7, -8): denied(f"keyring {ring}", KEYCTL, 10, ring, b"user", b"host-secret", 0)`,
  ),
  python(
    'asks for everything that keyctl does',
    `${KEYCTL}for operation in range(34): denied(f"keyctl {operation}", KEYCTL, operation, -3, 0, 0, 0)`,
  ),
  python(
    'leaves a key for later runs',
    `for ring in (-3, -4, -5): denied("add_key", 248 if X86 else 217, b"user", b"sandboxctl-wall", b"left", 4, ring)`,
  ),
  python(
    'has a key requested',
    'denied("request_key", 249 if X86 else 218, b"user", b"host-secret", None, -3)',
  ),
  python(
    'finds keys in /proc',
    `try:
    if "host-secret" in open("/proc/keys").read(): print("BROKEN")
except OSError as error: print("held", error)`,
  ),
];

export const INHERITED: readonly Attempt[] = [
  python(
    'is told to ignore or hold back signals',
    `status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
ignored = int(status["SigIgn"], 16) & ~(1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)
if ignored or int(status["SigBlk"], 16): print("BROKEN", status["SigIgn"], status["SigBlk"])`,
    EVERYWHERE,
  ),
  python(
    'has a terminal',
    `refused("terminal", lambda: os.open("/dev/tty", os.O_RDWR))
if any(os.isatty(fd) for fd in range(3)): print("BROKEN")
refused("group", lambda: os.tcgetpgrp(0))`,
    EVERYWHERE,
  ),
  python(
    'begins in another folder than its own',
    'if not os.getcwd().startswith("/tmp/tmp") or os.listdir(".") != [os.path.basename(__file__)]: print("BROKEN", os.getcwd(), os.listdir("."))',
    EVERYWHERE,
  ),
  python(
    "has the server's environment",
    'for name in os.environ:\n    if name.startswith(("WALL", "SANDBOXCTL_STATE", "SANDBOXCTL_TOKEN")): print("BROKEN", name)',
    EVERYWHERE,
  ),
  python(
    'belongs to groups',
    'groups = [each for each in os.getgroups() if each not in (0, 65534)]\nif groups: print("BROKEN", groups)',
  ),
  python(
    'has timers, or a signal for the end of its parent',
    `death = ctypes.c_int()
libc.prctl(2, ctypes.byref(death), 0, 0, 0)
timers = [signal.getitimer(each) for each in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)]
if any(sum(each) for each in timers): print("BROKEN", timers)`,
    EVERYWHERE,
  ),
];
