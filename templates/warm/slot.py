"""A sandbox that waits for its program: a fork of the zygote, in namespaces of its own, with nothing left to give up."""
import json
import os
import resource
import signal

import kernel

#: Of a user's 128 (fs.inotify.max_user_instances); a program seldom has more than two.
INOTIFY_INSTANCES = 16


class Pipes:
    """The ends that the program and its first process have; the server opens the others."""

    def __init__(self):
        self.pairs = {name: os.pipe() for name in ("job", "stdin", "stdout", "stderr", "control")}

    def end(self, name, theirs):
        reads = name in ("job", "stdin")
        return self.pairs[name][0 if reads == theirs else 1]

    def ends(self, theirs):
        return {name: self.end(name, theirs) for name in self.pairs}

    def all(self):
        return [fd for pair in self.pairs.values() for fd in pair]

    def give_to(self, user):
        """So that a program can open its own /dev/stdout by name."""
        for name in ("stdin", "stdout", "stderr"):
            os.fchown(self.pairs[name][0], user, 0)


def enter(config, user):
    """Makes the sandbox around this process, which is the first one of a PID namespace."""
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
    quiet = kernel.MS_NOSUID | kernel.MS_NODEV
    # The zygote's /proc lists every run. It must be there while another is mounted: the kernel asks for one in view.
    kernel.mount("proc", "/tmp", "proc", quiet | kernel.MS_NOEXEC)
    kernel.unmount("/proc")
    kernel.mount("/tmp", "/proc", None, kernel.MS_MOVE)
    kernel.unmount("/tmp")
    if config["keysListed"]:
        kernel.mount("/dev/null", "/proc/keys", None, kernel.MS_BIND)
    kernel.mount("devpts", "/dev/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    owner = ",uid=%d,gid=0" % user
    kernel.mount("tmpfs", "/tmp", "tmpfs", quiet, "mode=1777,size=%d%s" % (config["tmpSize"], owner))
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", quiet, "mode=1777,size=%d%s" % (config["memory"], owner))
    name = config["hostName"].encode()
    kernel.check(kernel.libc.sethostname(name, len(name)), "sethostname")
    become(user, 0 if config["network"] else kernel.CLONE_NEWNET)
    if not config["network"]:
        kernel.loopback_up()
    write("/proc/sys/user/max_user_namespaces", "0")
    write("/proc/sys/user/max_inotify_instances", str(INOTIFY_INSTANCES))
    for limit, soft, hard in config["limits"]:
        resource.setrlimit(limit, (soft, hard))
    kernel.drop_capabilities()
    if config["filter"]:
        kernel.put_on_filter(bytes.fromhex(config["filter"]))


def become(user, network):
    """Another user of the zygote's namespace, as root of a namespace that owns nothing but its network."""
    os.setresgid(0, 0, 0)
    os.setresuid(user, user, user)
    # Of another user, /proc/self would be root's now.
    kernel.set_dumpable(True)
    kernel.unshare(kernel.CLONE_NEWUSER | network)
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", "0 %d 1" % user)
    write("/proc/self/gid_map", "0 0 1")
    kernel.set_dumpable(False)


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def read_job(fd):
    """What to run: a line that tells how long the rest is, and the rest as JSON. None where the server wants nothing."""
    text = b""
    size = None
    while size is None or len(text) < size:
        chunk = os.read(fd, 1 << 16)
        if not chunk:
            return None
        text += chunk
        if size is None and b"\n" in text:
            head, _, text = text.partition(b"\n")
            size = int(head)
    return json.loads(text)


def wait_for(program):
    """As a first process it gets orphans, too. Ends with all others gone, and tells how the program ended."""
    while True:
        pid, status = os.wait()
        if pid == program:
            break
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait()
    except OSError:
        pass
    signaled = os.WIFSIGNALED(status)
    value = os.WTERMSIG(status) if signaled else os.WEXITSTATUS(status)
    return "%s%s%s\n" % ("S" if signaled else "E", chr(65 + (value >> 4)), chr(65 + (value & 15)))


def live(config, ends, user):
    """The whole life of a slot. Returns in the program's process alone, with its job."""
    kernel.close_all_but(ends.values())
    # Signals from inside of a PID namespace reach its first process only where it handles them.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    control = ends["control"]
    try:
        enter(config, user)
        job = read_job(ends["job"])
        if job is None:
            os._exit(0)
        os.mkdir(config["folder"], 0o700)
        fd = os.open(config["file"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.fchmod(fd, 0o644)
        code = job["code"].encode()
        while code:
            code = code[os.write(fd, code):]
        os.close(fd)
        os.write(control, b"R\n")
        program = os.fork()
    except BaseException as error:
        os.write(control, ("%s: %s\n" % (type(error).__name__, error)).encode())
        os._exit(1)
    if program == 0:
        return job
    try:
        for name in ("job", "stdin", "stdout", "stderr"):
            os.close(ends[name])
        os.write(control, wait_for(program).encode())
    finally:
        os._exit(0)
