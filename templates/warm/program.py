"""What a process does between its fork and its program, so that it looks as if it had been started for it."""
import os
import resource
import signal
import sys

import kernel

KEPT = ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__annotations__", "__builtins__")


def begin(config, ends, job):
    """Ends the process where that fails: nothing may run half prepared."""
    control = ends["control"]
    try:
        prepare(config, ends, job)
        os.close(control)
    except BaseException as error:
        os.write(control, ("%s: %s\nX\n" % (type(error).__name__, error)).encode())
        os._exit(127)


def prepare(config, ends, job):
    os.setsid()
    stdin = ends["stdin"] if job["stdin"] else os.open("/dev/null", os.O_RDONLY)
    for fd, into in ((stdin, 0), (ends["stdout"], 1), (ends["stderr"], 2)):
        os.dup2(fd, into)
        # Where it was this number already, dup2 did nothing.
        os.set_inheritable(into, True)
    kernel.close_all_but([0, 1, 2, ends["control"]])
    os.chdir(config["folder"])
    resource.setrlimit(resource.RLIMIT_FSIZE, (job["fileSize"], job["fileSize"]))
    for limit, soft in ((resource.RLIMIT_CPU, job["cpuSeconds"]), (resource.RLIMIT_STACK, job["stack"])):
        if soft is not None:
            resource.setrlimit(limit, (soft, resource.getrlimit(limit)[1]))
    kernel.set_thread_stack(job["stack"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    kernel.set_dumpable(True)
    if not job["stdin"]:
        reopen_stdin()


def reopen_stdin():
    """The zygote's was a pipe, and /dev/null is not: it can seek."""
    import io

    old = sys.stdin
    buffer = io.open(0, "rb", -1, closefd=False)
    buffer.raw.name = "<stdin>"
    stream = io.TextIOWrapper(buffer, old.encoding, old.errors, "\n", old.line_buffering)
    stream.mode = "r"
    sys.stdin = sys.__stdin__ = stream


def fresh_main():
    """Made after the last gc.freeze(), so that what a program leaves in it is collected at the end."""
    old = sys.modules["__main__"]
    new = type(sys)("__main__")
    vars(new).clear()
    for name in KEPT:
        if name in vars(old):
            vars(new)[name] = vars(old)[name]
    if "__annotations__" in vars(new):
        new.__annotations__ = {}
    sys.modules["__main__"] = new
