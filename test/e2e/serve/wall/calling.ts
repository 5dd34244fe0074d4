import { syscallNames } from '../../../../src/sandbox/isolation/lite/syscall-numbers.js';
import { ALLOWED_SYSCALLS, COUNTED_SYSCALLS } from '../../../../src/sandbox/isolation/lite/syscall-policy.js';
import { type Attempt, python } from './attempt.js';

const names = syscallNames(process.arch) ?? new Map<number, string>();
const numberOf = (name: string) => [...names].find(([, each]) => each === name)?.[0] ?? -1;
const numbersOf = (list: ReadonlySet<string>) =>
  JSON.stringify([...names].filter(([, name]) => list.has(name)).map(([number]) => number));

/** What each does when it is let: arguments with which it would succeed, or fail by another errno. */
const CALLS: readonly (readonly [name: string, args: string])[] = [
  ['open_tree_attr', '-100, b"/etc", 1, struct.pack("QQQQ", 0, 1, 0, 0), 32'],
  ['ptrace', '0, 0, 0, 0'],
  ['process_vm_readv', 'os.getpid(), 0, 0, 0, 0, 0'],
  ['process_vm_writev', 'os.getpid(), 0, 0, 0, 0, 0'],
  ['process_madvise', '-1, 0, 0, 0, 0'],
  ['kcmp', 'os.getpid(), os.getpid(), 1, 0, 0'],
  ['pidfd_getfd', '-1, 0, 0'],
  ['bpf', '0, 0, 0'],
  ['perf_event_open', '0, 0, -1, -1, 0'],
  ['userfaultfd', '1'],
  ['io_uring_setup', '1, 0'],
  ['io_uring_enter', '-1, 0, 0, 0, 0, 0'],
  ['memfd_secret', '0'],
  ['clone3', '0, 0'],
  ['setns', '-1, 0'],
  ['mount', 'b"none", b"/tmp", b"tmpfs", 0, 0'],
  ['umount2', 'b"/tmp", 2'],
  ['pivot_root', 'b".", b"."'],
  ['chroot', 'b"."'],
  ['open_tree', '-100, b"/", 1'],
  ['move_mount', '-1, b"", -1, b"", 0'],
  ['fsopen', 'b"tmpfs", 0'],
  ['fsconfig', '-1, 0, 0, 0, 0'],
  ['fsmount', '-1, 0, 0'],
  ['fspick', '-100, b"/", 0'],
  ['mount_setattr', '-100, b"/etc", 0, struct.pack("QQQQ", 0, 1, 0, 0), 32'],
  ['name_to_handle_at', '-100, b"/", 0, 0, 0'],
  ['open_by_handle_at', '-1, 0, 0'],
  ['fanotify_init', '0, 0'],
  ['quotactl', '0, 0, 0, 0'],
  ['quotactl_fd', '-1, 0, 0, 0'],
  ['init_module', '0, 0, 0'],
  ['finit_module', '-1, 0, 0'],
  ['delete_module', 'b"x", 0'],
  ['kexec_load', '0, 0, 0, 0'],
  ['kexec_file_load', '-1, -1, 0, 0, 0'],
  ['syslog', '10, 0, 0'],
  ['acct', '0'],
  ['swapon', 'b"x", 0'],
  ['reboot', '0, 0, 0, 0'],
  ['sethostname', 'b"x", 1'],
  ['settimeofday', '0, 0'],
  ['clock_settime', '0, 0'],
  ['lsm_set_self_attr', '100, 0, 0, 0'],
  ['vhangup', ''],
];

/** The same of calls that are allowed where a cgroup counts memory. */
const UNCOUNTED: typeof CALLS = [
  ['memfd_create', 'b"wall", 0'],
  ['shmget', '0, 4096, 0o1600'],
  ['semget', '0, 1, 0o1600'],
  ['msgget', '0, 0o1600'],
];

/** Programs that call what the kernel has and they need not. */
export const CALLING: readonly Attempt[] = [
  python(
    'calls every number that is not on the list',
    `allowed = set(${numbersOf(ALLOWED_SYSCALLS)})
if outside["counted"]: allowed |= set(${numbersOf(COUNTED_SYSCALLS)})
refusals = (-errno.EPERM, -errno.ENOSYS)
for number in [*range(601), 1000, 65535, 0x3fffffff, 0x7fffffff]:
    if number in allowed: continue
    result = syscall(number, -1, -1, -1, -1, -1, -1)
    if result not in refusals: print("BROKEN", number, result)`,
  ),
  python(
    'calls by the numbers of x32',
    'for number in (0, 1, 39, 101, 165, 248, 425): print("held" if syscall(0x40000000 + number, 0, 0, 0) == -errno.ENOSYS else "BROKEN", number)',
  ),
  python(
    'calls by the interrupt of 32-bit programs',
    `import mmap
if X86:
    # mov eax, 20 (getpid); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))
    result = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    print("held" if result == -errno.ENOSYS else "BROKEN", result)`,
  ),
  python(
    'takes another personality',
    `number = 135 if X86 else 92
for value in (0x0400000, 0x0100000, 0x0200000, 0xffffff00): denied(hex(value), number, value)
if syscall(number, 0xffffffff) < 0: print("BROKEN", "the question")`,
  ),
  python(
    'opens sockets of every other family',
    `for family in range(3, 46):
    if family in (10, 16): continue
    for kind in (1, 2, 3, 5):
        result = syscall(41 if X86 else 198, family, kind, 0)
        if result >= 0: print("BROKEN", family, kind)`,
  ),
  python(
    'keeps calling from a thread, a child and another program',
    `def look(): denied("keyctl", 250 if X86 else 219, 0, -3, 0)
thread = threading.Thread(target=look)
thread.start()
thread.join()
if os.fork() == 0:
    look()
    sys.stdout.flush()
    os._exit(0)
os.wait()
status = subprocess.run(["grep", "Seccomp:", "/proc/self/status"], capture_output=True, text=True).stdout
if status.split() != ["Seccomp:", "2"]: print("BROKEN", status)`,
  ),
  ...CALLS.map(([name, args]) =>
    python(
      `calls ${name}`,
      `denied("${name}", ${numberOf(name)}${args === '' ? '' : `, ${args}`}) if ${numberOf(name)} >= 0 else None`,
    ),
  ),
  ...UNCOUNTED.map(([name, args]) =>
    python(
      `calls ${name} where nothing counts what it makes`,
      `if not outside["counted"]: denied("${name}", ${numberOf(name)}, ${args})`,
    ),
  ),
];
