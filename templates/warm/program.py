"""What a process does between its fork and its program, so that it looks as if it had been started for it."""
import gc
import io
import os
import resource
import site
import sys
import _signal

import finish
import kernel
import slot

KEPT = ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__annotations__", "__builtins__")


#: What commands find in their environment. An interpreter may put more into its own, such as LC_CTYPE.
variables = {}
#: Of the record at the end of a zip archive.
ARCHIVE_END = b"PK\5\6"
#: What would be freed when the wait for a program ends, and would be copied for that.
kept = []


def prepare_zygote():
    """What is the same for all programs, and so is done once."""
    for name in ("PYTHONPATH", "LD_BIND_NOW"):
        del os.environ[name]
    kernel.hide_variables(b"PYTHONPATH")
    with open("/proc/self/environ", "rb") as file:
        variables.update(each.split(b"=", 1) for each in file.read().split(b"\0") if each)
    if "re" in sys.modules:
        sys.modules["re"].purge()
    site.execusercustomize()
    kernel.check_memory()
    make_streams()


def wait_in_site(server, *more):
    """In the place of what has been done already. Where `site` would not come to that, at once."""
    real = site.execusercustomize

    def execusercustomize():
        site.execusercustomize = real
        gc.freeze()
        job = server.serve()
        finish.watch(job["code"])
        gc.freeze()
        fresh_main()

    kept.extend((server, execusercustomize, *more))
    if site.ENABLE_USER_SITE:
        site.execusercustomize = execusercustomize
    else:
        execusercustomize()


def begin(job):
    """Ends the process where that fails: nothing may run half prepared."""
    try:
        enter_session(job)
        if job["words"] is not None:
            execute(job)
        prepare(job)
        os.close(slot.JOB)
        os.close(slot.CONTROL)
    except BaseException as error:
        os.write(slot.CONTROL, ("%s: %s\nX\n" % (type(error).__name__, error)).encode())
        os._exit(127)


def enter_session(job):
    os.setsid()
    os.chdir(job["folder"])
    slot.lower(resource.RLIMIT_FSIZE, job["file_size"], job["file_size"])
    if job["cpu_seconds"] != resource.RLIM_INFINITY:
        slot.lower(resource.RLIMIT_CPU, job["cpu_seconds"])
    slot.lower(resource.RLIMIT_STACK, job["stack"])
    if not job["stdin"]:
        os.close(0)
        # The lowest number that is free.
        os.open("/dev/null", os.O_RDONLY)
        os.set_inheritable(0, True)


def execute(job):
    """Returns never."""
    # An interpreter ignores these, and a command would go on to.
    for ignored in (_signal.SIGPIPE, _signal.SIGXFSZ):
        _signal.signal(ignored, _signal.SIG_DFL)
    variables[b"PWD"] = os.fsencode(job["folder"])
    variables.update(each.split(b"=", 1) for each in job["variables"])
    os.execve(job["words"][0], job["words"], variables)


def prepare(job):
    kernel.set_thread_stack(job["stack"])
    kernel.set_dumpable(True)
    if ARCHIVE_END not in job["code"]:
        # CPython looks whether the file is an archive, and notes this there when it is none: a tenth of a small program.
        sys.path_importer_cache[job["file"]] = None
    if not job["stdin"]:
        kept.append(sys.stdin)
        sys.stdin = sys.__stdin__ = empty_stdin


def stream_of_nothing():
    """The zygote's stdin was a pipe, and /dev/null is not: it can seek. To be made where 0 is /dev/null."""
    old = sys.stdin
    buffer = io.open(0, "rb", -1, closefd=False)
    buffer.raw.name = "<stdin>"
    stream = io.TextIOWrapper(buffer, old.encoding, old.errors, "\n", old.line_buffering)
    stream.mode = "r"
    return stream


def make_streams():
    """Once for all programs."""
    global empty_stdin
    pipe = os.dup(0)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    empty_stdin = stream_of_nothing()
    os.dup2(pipe, 0)
    os.close(pipe)
    os.close(null)


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
