"""System calls that Python has no function for, in every version that a zygote may be."""
import ctypes
import os
import resource
import struct

CLONE_NEWNS = 0x20000
CLONE_NEWUTS = 0x4000000
CLONE_NEWIPC = 0x8000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_PARENT = 0x8000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND = 2, 4, 8, 4096
MNT_DETACH = 2
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_SET_MM, PR_SET_MM_MAP = 35, 14
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SECCOMP_MODE_FILTER = 2
SECCOMP_SET_MODE_FILTER = 1
#: SECCOMP_FILTER_FLAG_NEW_LISTENER, and SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: a signal does not interrupt a call that the listener has heard of.
LISTENER = 8 | 32
SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND = 0xC0502100, 0xC0182101
SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1
SECCOMP = {"x86_64": 317, "aarch64": 277}.get(os.uname().machine)
AF_INET, SOCK_DGRAM, SOCK_CLOEXEC = 2, 2, 0o2000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
SIGCHLD = 17
EFAULT = 14
MADV_DONTFORK = 10
PIDFD_OPEN = 434
#: Bytes: an arena of the interpreter is 1 MB, and 600 forks are the most.
MOST_GROWTH = 64 << 20
#: The user namespace before those that belong to it.
KINDS = (
    (CLONE_NEWNS, "mnt"),
    (CLONE_NEWIPC, "ipc"),
    (CLONE_NEWUTS, "uts"),
    (CLONE_NEWPID, "pid"),
    (CLONE_NEWUSER, "user"),
    (CLONE_NEWNET, "net"),
)

#: What is looked up, or laid out, here and at the start is nothing that a fork has to make, and to copy memory for.
libc = ctypes.CDLL(None, use_errno=True)
for name in ("capset", "prctl", "pthread_setattr_default_np", "setns", "socket"):
    getattr(libc, name)
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
libc.ioctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p]
libc.pthread_attr_setstacksize.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.pthread_setattr_default_np.argtypes = [ctypes.c_void_p]


def check(result, what):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, "%s: %s" % (what, os.strerror(error)))
    return result


def unshare(flags):
    check(libc.unshare(flags), "unshare")


def namespaces(pid, flags):
    """Descriptors of those of a process, with what each is good for; one for all of them since Linux 5.8."""
    if has_joint_descriptors:
        return [(check(libc.syscall(PIDFD_OPEN, pid, 0), "pidfd_open"), flags)]
    return [(os.open("/proc/%d/ns/%s" % (pid, name), os.O_RDONLY), flag) for flag, name in KINDS if flag & flags]


def join(descriptors, flags):
    for fd, good_for in descriptors:
        if good_for & flags:
            check(libc.setns(fd, good_for & flags), "setns")


def joins_by_process():
    fd = libc.syscall(PIDFD_OPEN, os.getpid(), 0)
    if fd < 0:
        return False
    joined = libc.setns(fd, CLONE_NEWUTS)
    os.close(fd)
    return joined == 0


has_joint_descriptors = joins_by_process()


def mount(source, target, kind, flags=0, data=None):
    """All but the flags: bytes."""
    if libc.mount(source, target, kind, flags, data) < 0:
        check(-1, "mount on " + target.decode())


def unmount(target):
    check(libc.umount2(target, MNT_DETACH), "unmount " + target.decode())


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)


def set_dumpable(yes):
    """Whoever is not dumpable has its memory and its descriptors closed to processes of the same user."""
    check(libc.prctl(PR_SET_DUMPABLE, int(yes), 0, 0, 0), "dumpable")


def start_waiting(stack, flags):
    """A process that waits for ever, with a stack that ends at `stack` and nothing else to do; its parent is this process's own."""
    wait = ctypes.cast(libc.pause, ctypes.c_void_p)
    return check(libc.clone(wait, ctypes.c_void_p(stack), flags | CLONE_PARENT | SIGCHLD, None), "clone")


def loopback_up():
    fd = check(libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")
    check(libc.ioctl(fd, SIOCSIFFLAGS, LOOPBACK_UP), "lo up")
    os.close(fd)


#: struct ifreq
LOOPBACK_UP = struct.pack("16sh22x", b"lo", IFF_UP)


def drop_capabilities():
    for capability in CAPABILITIES:
        quick_prctl(PR_CAPBSET_DROP, capability)
    quick_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    # _LINUX_CAPABILITY_VERSION_3, this process; effective, permitted and inheritable, twice 32 bits each.
    check(libc.capset(NO_CAPABILITIES[0], NO_CAPABILITIES[1]), "capset")
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


with open("/proc/sys/kernel/cap_last_cap") as last:
    CAPABILITIES = range(int(last.read()) + 1)
#: Without errors, and without converting small numbers: a third of the time.
quick_prctl = ctypes.CDLL(None).prctl
NO_CAPABILITIES = (struct.pack("Ii", 0x20080522, 0), bytes(24))


class Filter:
    """A seccomp filter, laid out once for all that put it on."""

    def __init__(self, program):
        """`program`: struct sock_filter, as bytes."""
        self.code = ctypes.create_string_buffer(program, len(program))
        given = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self.code))
        self.head = ctypes.create_string_buffer(given, len(given))
        self.address = ctypes.addressof(self.head)

    def put_on(self):
        check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, self.address, 0, 0), "seccomp")

    def put_on_with_listener(self):
        """Returns its descriptor."""
        return check(libc.syscall(SECCOMP, SECCOMP_SET_MODE_FILTER, LISTENER, ctypes.c_void_p(self.address)), "seccomp")


def has_listeners():
    """Since Linux 5.19. It looks at flags before it looks at the filter, which is none here."""
    libc.syscall(SECCOMP or -1, SECCOMP_SET_MODE_FILTER, LISTENER, None)
    return ctypes.get_errno() == EFAULT


#: struct seccomp_notif, which a kernel may have a longer one of.
heard = ctypes.create_string_buffer(4096)


def let_go_on(listener):
    """The call that its filter asks about; one of a process that has been killed since then needs no answer."""
    ctypes.memset(heard, 0, len(heard))
    if libc.ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, heard) == 0:
        answer = struct.pack("8sqiI", heard[:8], 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE)
        libc.ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, answer)


def signal_fd(number):
    """A descriptor that can be read when a signal waits, which must be blocked."""
    mask = (1 << (number - 1)).to_bytes(8, "little") + bytes(120)
    return check(libc.signalfd(-1, mask, os.O_CLOEXEC | os.O_NONBLOCK), "signalfd")


def bound_growth():
    """Of this process, which keeps nothing of its runs: one that grows ends by MemoryError. What it forks inherits that."""
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[5]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY or soft > now + MOST_GROWTH:
        resource.setrlimit(resource.RLIMIT_DATA, (now + MOST_GROWTH, hard))


def check_memory():
    """What a fork does not copy, one program would write for the next, such as what libffi keeps under SELinux."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.split(None, 5)
            if "w" in fields[1] and "s" in fields[1]:
                raise MemoryError("memory that all forks would write to: " + " ".join(fields[1:]).strip())


def hide_variables(first):
    """From `first` on, of the environment that /proc shows of this process. Where the kernel lets nobody move its end, empty ones are left."""
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    number = lambda index: int(fields[index - 3])
    start, end = number(50), number(51)
    text = ctypes.string_at(start, end - start)
    cut = text.index(b"\0" + first + b"=") + 1
    ctypes.memset(start + cut, 0, len(text) - cut)
    libc.sbrk.restype = ctypes.c_void_p
    places = [number(26), number(27), number(45), number(46), number(47), libc.sbrk(0), number(28), number(48), number(49)]
    # struct prctl_mm_map of linux/prctl.h: no auxiliary vector, no executable.
    given = struct.pack("12QIi", *places, start, start + cut, 0, 0, -1)
    libc.prctl(PR_SET_MM, PR_SET_MM_MAP, ctypes.addressof(ctypes.create_string_buffer(given)), len(given), 0)


def set_thread_stack(size):
    """The default of threads, which the C library has taken from the limit of the zygote."""
    global thread_stack
    if size < 0 or size == thread_stack:
        return
    if libc.pthread_attr_setstacksize(thread_attributes, size) == 0 and libc.pthread_setattr_default_np(thread_attributes) == 0:
        thread_stack = size


thread_stack = None
thread_attributes = ctypes.create_string_buffer(256)
libc.pthread_attr_init(thread_attributes)
