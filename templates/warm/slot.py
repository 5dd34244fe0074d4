"""A sandbox that waits for its program: a fork of the zygote, in namespaces of its own, with nothing left to give up.

It goes on as a program in Python, or executes a command.
"""
import os
import resource
import struct
import _signal
import _socket

import job
import kernel

#: Of a user's 128 (fs.inotify.max_user_instances); a program seldom has more than two.
INOTIFY_INSTANCES = b"16"
#: A zygote opens some ten for each slot that is not taken up yet.
MOST_DESCRIPTORS = 4096
#: A part for each program of what the kernel lets a user have, which is the zygote's for all of them: signals that wait,
#: timers, and bytes of message queues. No launcher runs more at once (CPUS_PER_LAUNCHER).
PROGRAMS_AT_ONCE = 6
SHARED_LIMITS = (resource.RLIMIT_SIGPENDING, resource.RLIMIT_MSGQUEUE)
#: What a slot's process finds its pipes as: its standard streams, and two more.
PIPES = ("stdin", "stdout", "stderr", "job", "control")
JOB, CONTROL = 3, 4
READ_BY_PROGRAM = ("stdin", "job")


class Pipes:
    """Between a slot's process and the server, which opens its ends by name."""

    def __init__(self, user):
        self.pairs = {name: os.pipe() for name in PIPES}
        if user != 0:
            # So that a program can open its own /dev/stdout by name.
            for name in PIPES[:3]:
                os.fchown(self.pairs[name][0], user, 0)

    def servers(self):
        return " ".join("%s=%d" % (name, pair[name in READ_BY_PROGRAM]) for name, pair in self.pairs.items())

    def of_program(self):
        return [pair[name not in READ_BY_PROGRAM] for name, pair in self.pairs.items()]

    def of_server(self):
        return [pair[name in READ_BY_PROGRAM] for name, pair in self.pairs.items()]

    def take(self, more):
        """Nothing but these and `more` stays open: what else the zygote has at hand belongs to others."""
        for number, name in enumerate(PIPES):
            os.dup2(self.pairs[name][name not in READ_BY_PROGRAM], number, number < JOB)
        first = len(PIPES)
        for fd in sorted(more) + [MOST_DESCRIPTORS]:
            os.closerange(first, fd)
            first = fd + 1

    def leave(self):
        """What is written there when all is over stays open."""
        control = self.pairs["control"][1]
        for fd in [fd for pair in self.pairs.values() for fd in pair if fd != control]:
            os.close(fd)
        self.pairs = {}
        return control


class Sandboxes:
    """What all slots of a zygote have in common, laid out before any is forked."""

    def __init__(self, config):
        self.config = config
        self.outer = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | (0 if config["network"] else kernel.CLONE_NEWNET)
        self.shares = [(limit, resource.getrlimit(limit)[1] // PROGRAMS_AT_ONCE) for limit in SHARED_LIMITS]
        self.data = resource.getrlimit(resource.RLIMIT_DATA)
        self.filter = filter_of(config["filter"])
        #: Tells of each socket that a program makes. None where the kernel cannot.
        self.asking_filter = filter_of(config["askingFilter"] if kernel.has_listeners() else None)
        #: From processes that have no program yet to the zygote.
        self.listeners, self.to_listeners = (each.detach() for each in _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_DGRAM))

    def of(self, first):
        """Those that a process, the first in its own, is in."""
        return kernel.namespaces(first, self.outer | kernel.CLONE_NEWPID | kernel.CLONE_NEWUSER)

    def enter(self, first, descriptors):
        """For a process that is in the PID namespace already. Gives up all that a program is not to have."""
        kernel.join(descriptors, self.outer)
        # Over the zygote's, which lists every run, and which the kernel wants to see before it allows another.
        kernel.mount(b"proc", b"/proc", b"proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
        if self.config["keysListed"]:
            kernel.mount(b"/dev/null", b"/proc/keys", None, kernel.MS_BIND)
        kernel.join(descriptors, kernel.CLONE_NEWUSER)
        for fd, _ in descriptors:
            os.close(fd)
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        kernel.write("/proc/sys/user/max_user_namespaces", b"0")
        kernel.write("/proc/sys/user/max_inotify_instances", INOTIFY_INSTANCES)
        kernel.drop_capabilities()
        if self.filter is not None and not self.is_heard(first):
            self.filter.put_on()
        os.close(self.to_listeners)
        resource.setrlimit(resource.RLIMIT_DATA, self.data)
        for limit, soft, hard in self.config["limits"]:
            lower(limit, soft, hard)
        for limit, share in self.shares:
            resource.setrlimit(limit, (share, share))

    def is_heard(self, first):
        """Puts the asking filter on, and gives its listener to the zygote. False where there can be none, as below another one's."""
        if self.asking_filter is None:
            return False
        try:
            listener = self.asking_filter.put_on_with_listener()
        except OSError:
            return False
        # Descriptors that a user's programs have on their way count against it.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        sender = unix_socket(self.to_listeners)
        sender.sendmsg([b"%d" % first], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("i", listener))])
        sender.detach()
        os.close(listener)
        return True

    def next_listener(self):
        """And whose it is: the number of a first process. None where there is none."""
        receiver = unix_socket(self.listeners)
        try:
            text, ((_, _, descriptor),), _, _ = receiver.recvmsg(16, _socket.CMSG_SPACE(4), _socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        finally:
            receiver.detach()
        return int(text), struct.unpack("i", descriptor)[0]


def unix_socket(fd):
    return _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM, 0, fd)


def filter_of(program):
    return kernel.Filter(bytes.fromhex(program)) if program else None


def lower(limit, soft, hard=None):
    """As far as the server's own limits allow, which nobody here may raise. Without `hard`, that stays as it is."""
    most = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (at_most(soft, most), most if hard is None else at_most(hard, most)))


def at_most(value, most):
    """Of values of which -1, RLIM_INFINITY, is the largest."""
    return value if most == resource.RLIM_INFINITY or 0 <= value < most else most


def live(sandboxes, pipes, first, descriptors):
    """What a slot does until it has its program, which it returns."""
    control = pipes.pairs["control"][1]
    try:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
        pipes.take([sandboxes.to_listeners, *(fd for fd, _ in descriptors)])
        control = CONTROL
        sandboxes.enter(first, descriptors)
        given = job.read(JOB, sandboxes.config)
        if given is None:
            os._exit(0)
        job.write_program(given)
        os.write(CONTROL, b"R\n")
        return given
    except BaseException as error:
        os.write(control, ("%s: %s\n" % (type(error).__name__, error)).encode())
        os._exit(1)
