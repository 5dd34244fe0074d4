"""System calls that Python has no function for, in every version that a zygote may be."""
import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNS = 0x20000
CLONE_NEWUTS = 0x4000000
CLONE_NEWIPC = 0x8000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_MOVE = 2, 4, 8, 4096, 8192
MNT_DETACH = 2
PR_SET_DUMPABLE = 4
PR_SET_MM, PR_SET_MM_MAP = 35, 14
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SECCOMP_MODE_FILTER = 2
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
LAST_CAPABILITY = 63
#: A zygote opens some ten for each slot that is not taken up yet.
MOST_DESCRIPTORS = 4096

libc = ctypes.CDLL(None, use_errno=True)
for name in ("prctl", "mount", "unshare", "setns", "capset", "sethostname", "signalfd"):
    getattr(libc, name).restype = ctypes.c_int
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
libc.mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]


def check(result, what):
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, "%s: %s" % (what, os.strerror(error)))
    return result


def unshare(flags):
    check(libc.unshare(flags), "unshare")


def setns(fd, kind):
    check(libc.setns(fd, kind), "setns")


def mount(source, target, kind, flags=0, data=None):
    texts = [None if each is None else each.encode() for each in (source, target, kind, data)]
    check(libc.mount(texts[0], texts[1], texts[2], flags, texts[3]), "mount on " + target)


def unmount(target):
    check(libc.umount2(target.encode(), MNT_DETACH), "unmount " + target)


def set_dumpable(yes):
    """Whoever is not dumpable has its memory and its descriptors closed to processes of the same user."""
    check(libc.prctl(PR_SET_DUMPABLE, int(yes), 0, 0, 0), "dumpable")


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = b"lo".ljust(16, b"\0")
        answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, name + bytes(24))
        (flags,) = struct.unpack_from("h", answer, 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, name + struct.pack("h", flags | IFF_UP) + bytes(22))


def drop_capabilities():
    for capability in range(LAST_CAPABILITY + 1):
        # Fails for those that this kernel does not have.
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    # _LINUX_CAPABILITY_VERSION_3, this process; effective, permitted and inheritable, twice 32 bits each.
    header = struct.pack("Ii", 0x20080522, 0)
    check(libc.capset(header, bytes(24)), "capset")
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def put_on_filter(program):
    """`program`: struct sock_filter, as bytes."""
    code = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    head = ctypes.create_string_buffer(given, len(given))
    check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(head), 0, 0), "seccomp")


def signal_fd(number):
    """A descriptor that can be read when a signal waits, which must be blocked."""
    mask = (1 << (number - 1)).to_bytes(8, "little") + bytes(120)
    return check(libc.signalfd(-1, mask, os.O_CLOEXEC | os.O_NONBLOCK), "signalfd")


def check_memory():
    """What a fork does not copy, one program would write for the next, such as what libffi keeps under SELinux."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.split(None, 5)
            if "w" in fields[1] and "s" in fields[1]:
                raise MemoryError("memory that all forks would write to: " + " ".join(fields[1:]).strip())


def hide_last_variable():
    """Of the environment that /proc shows of this process. Where the kernel lets nobody move its end, an empty one is left."""
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    number = lambda index: int(fields[index - 3])
    start, end = number(50), number(51)
    text = ctypes.string_at(start, end - start)
    cut = text.rindex(b"\0", 0, len(text) - 1) + 1
    ctypes.memset(start + cut, 0, len(text) - cut)
    libc.sbrk.restype = ctypes.c_void_p
    places = [number(26), number(27), number(45), number(46), number(47), libc.sbrk(0), number(28), number(48), number(49)]
    # struct prctl_mm_map of linux/prctl.h: no auxiliary vector, no executable.
    given = struct.pack("12QIi", *places, start, start + cut, 0, 0, -1)
    libc.prctl(PR_SET_MM, PR_SET_MM_MAP, ctypes.addressof(ctypes.create_string_buffer(given)), len(given), 0)


def set_thread_stack(size):
    """The default of threads, which the C library has taken from the limit of the zygote."""
    if size < 0:
        return
    attributes = ctypes.create_string_buffer(256)
    libc.pthread_attr_init(attributes)
    if libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(size)) == 0:
        libc.pthread_setattr_default_np(attributes)
    libc.pthread_attr_destroy(attributes)


def close_all_but(kept):
    first = 0
    for fd in sorted(kept) + [MOST_DESCRIPTORS]:
        if fd > first:
            os.closerange(first, fd)
        first = fd + 1
