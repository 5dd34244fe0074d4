"""Taken up by an interpreter at its start, in the place of the machine's own file of this name.

What it leaves in the module `site` is called a little later in the start. In the zygote it never returns. In a
program's process it does, and CPython goes on as at any start: what is below a program on the stack, and what comes
after it, are CPython's own.
"""


def start():
    import sys

    folder = __file__.rpartition("/")[0]
    sys.path.remove(folder)
    sys.path_importer_cache.pop(folder, None)
    # While this runs, it is kept here alone.
    ours = sys.modules.pop("sitecustomize")
    try:
        import sitecustomize as real
    except ImportError:
        real = None
    # For threads of modules in C as well, such as numpy's: one that does not block it takes it from the zygote, which
    # then never learns that a program has ended.
    import _signal

    _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGCHLD,))
    known = set(sys.modules)
    with own_modules(folder):
        import preload
    loaded = preload.Preloaded()
    loaded.before = known
    # First, since what is loaded early lies together in memory, and each page that a program's process touches costs.
    loaded.load(["_socket", "ctypes", "gc", "io", "json", "resource", "select", "signal", "struct"])
    with own_modules(folder):
        import finish
        import kernel
        import program
        import zygote
    with open(folder + "/modules") as names, unseen(folder):
        loaded.load(names.read().split())
    server = zygote.Zygote(*given_by_server(folder))
    program.prepare_zygote()
    loaded.hide()
    loaded.serve()
    finish.register()
    finish.learn(loaded.loaded)
    program.wait_in_site(server, loaded)
    if real is None:
        raise ImportError("No module named 'sitecustomize'", name="sitecustomize")
    sys.modules["sitecustomize"] = real


class own_modules:
    """Those of this folder, which no program is to find."""

    def __init__(self, folder):
        import sys

        self.folder, self.sys = folder, sys

    def __enter__(self):
        self.before = set(self.sys.modules)
        self.sys.path.insert(0, self.folder)

    def __exit__(self, *_):
        self.sys.path.remove(self.folder)
        self.sys.path_importer_cache.pop(self.folder, None)
        for name in set(self.sys.modules) - self.before:
            del self.sys.modules[name]


class unseen:
    """Around imports. What a module prints, starts or opens belongs to the program that imports it: with such a module, this is no zygote."""

    def __init__(self, folder):
        import os
        import sys

        self.os, self.sys = os, sys
        self.printed = os.open(folder + "/printed", os.O_RDWR | os.O_CREAT)

    def __enter__(self):
        self.streams = [self.os.dup(fd) for fd in (1, 2)]
        for fd in (1, 2):
            self.os.dup2(self.printed, fd)
        self.opened = len(self.os.listdir("/proc/self/fd"))

    def __exit__(self, *_):
        import _thread
        import ctypes

        opened = len(self.os.listdir("/proc/self/fd"))
        self.sys.stdout.flush()
        self.sys.stderr.flush()
        ctypes.CDLL(None).fflush(None)
        for fd, stream in zip((1, 2), self.streams):
            self.os.dup2(stream, fd)
            self.os.close(stream)
        printed = self.os.pread(self.printed, 200, 0).decode(errors="replace").strip()
        self.os.close(self.printed)
        if printed:
            raise RuntimeError("a module prints at its import: " + printed)
        if _thread._count() > 0:
            raise RuntimeError("a module starts a thread at its import")
        if opened > self.opened:
            raise RuntimeError("a module leaves a file open at its import")


def given_by_server(folder):
    import json

    with open(folder + "/config.json") as text:
        config = json.load(text)
    with open(folder + "/maker") as numbers:
        return config, [int(each) for each in numbers.read().split()]


start()
