import { type Attempt, python } from './attempt.js';

const NONE = `def capabilities(path="/proc/self/status"):
    return [line for line in open(path) if line.startswith("Cap") and int(line.split()[1], 16)]
`;

/** Programs that look for capabilities, or want some. */
export const CAPABILITIES: readonly Attempt[] = [
  python('has capabilities', `${NONE}if capabilities(): print("BROKEN", capabilities())`),
  python(
    'has capabilities in a child, a thread and what it runs',
    `${NONE}found = []
thread = threading.Thread(target=lambda: found.extend(capabilities("/proc/thread-self/status")))
thread.start()
thread.join()
child = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True).stdout
found += [line for line in child.splitlines() if line.startswith("Cap") and int(line.split()[1], 16)]
if found: print("BROKEN", found)`,
  ),
  python(
    'sets its capabilities',
    `header = struct.pack("Ii", 0x20080522, 0)
result = syscall(126 if X86 else 91, header, struct.pack("6I", *[0xffffffff] * 6))
print("held" if result < 0 else "BROKEN", result)`,
  ),
  python(
    'raises ambient capabilities',
    'for capability in range(41):\n    if libc.prctl(47, 2, capability, 0, 0) == 0: print("BROKEN", capability)',
  ),
  python('changes its secure bits', 'print("held" if libc.prctl(28, 0xf, 0, 0, 0) < 0 else "BROKEN")'),
  python(
    'may gain privileges by what it runs',
    'if libc.prctl(39, 0, 0, 0, 0) != 1: print("BROKEN")\nif libc.prctl(38, 0, 0, 0, 0) == 0: print("BROKEN")',
  ),
  python(
    'gives capabilities to a file',
    `open("tool", "w").close()
refused("setxattr", lambda: os.setxattr("tool", "security.capability", struct.pack("<5I", 0x02000001, 0xffffffff, 0, 0xffffffff, 0)))`,
  ),
  python(
    'lifts read-only from the host by a clone of a mount',
    `fd = syscall(467, -100, sys.executable.rsplit("/", 1)[0].encode(), 1, struct.pack("QQQQ", 0, 1, 0, 0), 32)
if fd >= 0: print("BROKEN", os.open("sandboxctl-wall", os.O_WRONLY | os.O_CREAT, dir_fd=fd))`,
  ),
  python(
    'sees under masks by a clone of a mount',
    `for number in (428, 467):
    fd = syscall(number, -100, b"/etc", 1, struct.pack("QQQQ", 0, 1, 0, 0), 32)
    if fd >= 0: print("BROKEN", os.listdir(fd))`,
  ),
  python(
    'gives a file to somebody else',
    'open("mine", "w").close()\nfor uid in (1, 1000, 65533): refused("chown", lambda: os.chown("mine", uid, uid))',
  ),
  python(
    'becomes somebody else',
    'for uid in (1, 1000, 65533):\n    refused("setresuid", lambda: os.setresuid(uid, uid, uid))\n    refused("setresgid", lambda: os.setresgid(uid, uid, uid))',
  ),
  python(
    'takes more of the machine than its part',
    `import fcntl
refused("deadline", lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(50)))
refused("priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
print("held" if syscall(251 if X86 else 30, 1, 0, 1 << 13) < 0 else "BROKEN", "ioprio")
refused("pipe", lambda: fcntl.fcntl(os.pipe()[1], 1031, 64 << 20))`,
  ),
  python(
    'answers the pings of the machine',
    'refused("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))\nrefused("packet", lambda: socket.socket(17, socket.SOCK_RAW, 3))',
  ),
];
