"""Makes the namespaces in which a zygote lives, and becomes it.

Runs outside of any sandbox, with what it needs as `given`. The zygote keeps the standard streams of this process:
commands come on stdin, answers go to stdout.
"""
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys

CLONE_NEWNS = 0x20000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET = 0x4000000, 0x8000000, 0x40000000
PR_SET_PDEATHSIG = 1
MS_REC, MS_PRIVATE = 0x4000, 0x40000

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, "%s: %s" % (what, os.strerror(error)))


def write(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def map_users(pid, users):
    """The user namespace of `pid` gets its numbers; only root may give it others' than this process's own."""
    if users is None:
        write("/proc/%d/setgroups" % pid, "deny")
        write("/proc/%d/uid_map" % pid, "0 %d 1" % os.getuid())
        write("/proc/%d/gid_map" % pid, "0 %d 1" % os.getgid())
    else:
        first, gid, count = users["uid"], users["gid"], users["count"]
        write("/proc/%d/uid_map" % pid, "0 %d %d" % (first, count))
        write("/proc/%d/gid_map" % pid, "0 %d 1" % gid)


def die_with_parent():
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def enter_namespaces(users, network):
    """For the children of this process, as root of the new user namespace. Maps are written by a child that stays outside."""
    unshared = os.pipe()
    parent = os.getpid()
    mapper = os.fork()
    if mapper == 0:
        os.close(unshared[1])
        # Nothing comes where the namespaces were refused.
        if os.read(unshared[0], 1):
            map_users(parent, users)
        os._exit(0)
    if users is not None:
        os.setgroups([])
        # Whoever makes a namespace owns it: what the kernel counts for a user it counts for the owners above as well.
        os.setresgid(users["gid"], users["gid"], users["gid"])
        os.setresuid(users["uid"], users["uid"], users["uid"])
    flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC
    check(libc.unshare(flags | (0 if network else CLONE_NEWNET)), "unshare")
    os.write(unshared[1], b"x")
    if os.waitpid(mapper, 0)[1] != 0:
        raise OSError("the users of the namespace cannot be mapped")
    for fd in unshared:
        os.close(fd)
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def enter_cgroup(folder):
    """Moves this process into the zygote's cgroup. Returns a descriptor of the one above, which has the slots' as well; -1 if there is none."""
    if folder is None:
        return -1
    try:
        write(os.path.join(folder, "zygote", "cgroup.procs"), "0")
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return -1


def start_maker(config, cgroup):
    """It goes on with this interpreter, which is a small one."""
    asked, made = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        for fd in (asked[1], made[0], cgroup):
            if fd >= 0:
                os.close(fd)
        null = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1):
            os.dup2(null, stream)
        sys.path.insert(0, config["folder"])
        import maker

        maker.serve(json.loads(config["files"]["config.json"]), asked[0], made[1])
        os._exit(0)
    os.close(asked[0])
    os.close(made[1])
    for fd in (asked[1], made[0], cgroup):
        if fd >= 0:
            os.set_inheritable(fd, True)
    with open(os.path.join(config["folder"], "maker"), "w") as file:
        file.write("%d %d %d %d" % (pid, asked[1], made[0], cgroup))


def main(config):
    cgroup = enter_cgroup(config["cgroup"])
    enter_namespaces(config["users"], config["network"])
    # Another user's process would have lost it.
    die_with_parent()
    watched, held = os.pipe()
    if os.fork() != 0:
        # Ends when nobody holds the other end any more: the zygote is gone. A shell takes less memory than this.
        os.close(held)
        os.dup2(watched, 0)
        os.closerange(3, 256)
        os.execve("/bin/sh", ["sh", "-c", "exec >/dev/null; read -r _ || :"], {})
    os.close(watched)
    die_with_parent()
    os.set_inheritable(held, True)
    # What is mounted on the machine from now on would come into the root below, for all programs to write to.
    check(libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None), "make mounts private")
    subprocess.run(["/bin/sh", "-c", config["root"]], check=True, stdin=subprocess.DEVNULL)
    os.chdir("/")
    # What is loaded may keep the name for ever, such as the module platform.
    name = config["hostName"].encode()
    check(libc.sethostname(name, len(name)), "sethostname")
    for name, text in config["files"].items():
        path = os.path.join(config["folder"], name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    start_maker(config, cgroup)
    os.makedirs(config["env"]["PWD"])
    os.chdir(config["env"]["PWD"])
    resource.setrlimit(resource.RLIMIT_STACK, (config["stack"], resource.getrlimit(resource.RLIMIT_STACK)[1]))
    words = config["words"]
    os.execve(words[0], words, dict(ordered(config["env"]), **config["zygoteEnv"]))


def ordered(env):
    """As a shell hands it on, which is what starts other programs."""
    shell = subprocess.run(["/bin/sh", "-c", "exec cat /proc/self/environ"], env=env, check=True, stdout=subprocess.PIPE)
    return [each.split("=", 1) for each in shell.stdout.decode().split("\0") if each]


try:
    main(given)
except Exception as error:
    sys.stderr.write("%s: %s\n" % (type(error).__name__, error))
    sys.stderr.flush()
    os._exit(1)
