"""Makes the namespaces of runs, each with a first process that holds them and does nothing.

It is a small process of its own: what a process has in memory is what each fork of it costs.
"""
import ctypes
import mmap
import os
import signal

import kernel

OWN = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWPID
STACK_SIZE = 1 << 16
#: Of a mapping that is worth keeping from the first processes.
LARGE = 1 << 17


class Networks:
    """Network namespaces: each is one run's at a time, and another's afterwards if no socket was made in it.

    To make one and to take it apart costs as much as all other namespaces of a run together. Each is made with a user
    namespace that has no users yet: its files in /proc belong to root of that, whom a program may be the same as.
    """

    def __init__(self):
        self.free = []
        #: By numbers that come once: those of processes come again.
        self.taken = {}
        self.given = 0

    def start(self, stack):
        """Returns a first process, and the number of its network."""
        flags = kernel.CLONE_NEWUSER
        if self.free:
            fd = self.free.pop()
            kernel.join([(fd, kernel.CLONE_NEWNET)], kernel.CLONE_NEWNET)
            first = kernel.start_waiting(stack, flags)
        else:
            first = kernel.start_waiting(stack, flags | kernel.CLONE_NEWNET)
            fd = os.open("/proc/%d/ns/net" % first, os.O_RDONLY)
            kernel.join([(fd, kernel.CLONE_NEWNET)], kernel.CLONE_NEWNET)
            kernel.loopback_up()
        self.given += 1
        self.taken[self.given] = fd
        return first, self.given

    def take_back(self, number, is_as_made):
        fd = self.taken.pop(number)
        if is_as_made:
            self.free.append(fd)
        else:
            os.close(fd)


class NoNetworks:
    """Programs are in the machine's own."""

    def start(self, stack):
        return kernel.start_waiting(stack, kernel.CLONE_NEWUSER), 0

    def take_back(self, number, is_as_made):
        pass


class Maker:
    def __init__(self, config):
        quiet = kernel.MS_NOSUID | kernel.MS_NODEV
        owner = ",uid=%d,gid=0"
        self.host_name = config["hostName"].encode()
        self.terminals = ("newinstance,ptmxmode=0666,mode=620").encode()
        self.quiet = quiet
        self.tmp = ("mode=1777,size=%d" % config["tmpSize"] + owner).encode()
        self.shared_memory = ("mode=1777,size=%d" % config["memory"] + owner).encode()
        self.networks = NoNetworks() if config["network"] else Networks()
        self.stack = mmap.mmap(-1, STACK_SIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.top = ctypes.addressof(ctypes.c_char.from_buffer(self.stack)) + STACK_SIZE
        # The zygote, which stays where it is.
        self.base = kernel.namespaces(os.getppid(), OWN)

    def make(self, user):
        """Returns the first process of namespaces that only `user` is in, as root, and the number of its network."""
        kernel.join(self.base, OWN)
        kernel.unshare(OWN)
        kernel.mount(b"devpts", b"/dev/pts", b"devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, self.terminals)
        kernel.mount(b"tmpfs", b"/tmp", b"tmpfs", self.quiet, self.tmp % user)
        kernel.mount(b"tmpfs", b"/dev/shm", b"tmpfs", self.quiet, self.shared_memory % user)
        kernel.check(kernel.libc.sethostname(self.host_name, len(self.host_name)), "sethostname")
        first, network = self.networks.start(self.top)
        kernel.write("/proc/%d/setgroups" % first, b"deny")
        kernel.write("/proc/%d/uid_map" % first, b"0 %d 1" % user)
        kernel.write("/proc/%d/gid_map" % first, b"0 0 1")
        return first, network


def keep_memory_from_forks(stack):
    """A process that does nothing needs the C library and its stack: the rest would be copied for each, and protected here until it is written to again."""
    kernel.libc.pthread_self.restype = ctypes.c_ulong
    needed = (kernel.libc.pthread_self(), stack)
    waits = ctypes.cast(kernel.libc.pause, ctypes.c_void_p).value
    with open("/proc/self/maps") as maps:
        mapped = [Mapping(*line.split(None, 5)) for line in maps]
    library = next(each.name for each in mapped if waits in each.range)
    for each in mapped:
        if each.name.startswith("/"):
            kept = each.name == library
        elif each.name in ("", "[heap]"):
            kept = len(each.range) < LARGE or any(address in each.range for address in needed)
        else:
            kept = True
        if not kept:
            kernel.libc.madvise(ctypes.c_void_p(each.range.start), ctypes.c_size_t(len(each.range)), kernel.MADV_DONTFORK)


class Mapping:
    """Of /proc/PID/maps."""

    def __init__(self, place, rights, offset, device, inode, name=""):
        self.range = range(*(int(each, 16) for each in place.split("-")))
        self.name = name.strip()


def serve(config, asked, made):
    """`make USER` on `asked`: the answer is the numbers of a first process and of its network, or 0 and why there is none.

    `clean NETWORK` or `used NETWORK` when the run is over.
    """
    # Who ignores its children need not wait for them; so do its copies, which get the orphans of their namespaces.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # A first process that handled a signal would end by it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Programs look for interpreters by name, also to end them.
    kernel.quick_prctl(kernel.PR_SET_NAME, b"sandbox")
    # Who is not has files in /proc that only root of the machine may write to, and so have its copies.
    kernel.set_dumpable(True)
    maker = Maker(config)
    keep_memory_from_forks(maker.top - 1)
    kernel.bound_growth()
    text = b""
    while True:
        chunk = os.read(asked, 4096)
        if not chunk:
            return
        *lines, text = (text + chunk).split(b"\n")
        for line in lines:
            word, number = line.split()
            if word != b"make":
                maker.networks.take_back(int(number), word == b"clean")
                continue
            try:
                answer = "%d %d" % maker.make(int(number))
            except OSError as error:
                answer = "0 %s" % error
            os.write(made, answer.encode() + b"\n")
