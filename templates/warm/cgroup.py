"""Forks that the kernel makes in a cgroup of their own, so that what they take is counted from the first page.

They are Python's forks, but for the system call: clone3, in the place of what the C library calls. What the C library
does besides is for processes with threads, and for libraries that want to know of a fork. Where there are any, and
where a kernel or its cgroups are other ones, programs get a cgroup later, as they do where they run cold.
"""
import ctypes
import errno
import mmap
import os
import struct

import kernel

CLONE3 = 435
CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_INTO_CGROUP = 0x200000, 0x1000000, 0x200000000
PR_GET_TID_ADDRESS = 40
#: set_robust_list, get_robust_list
ROBUST_LISTS = {"x86_64": (273, 274), "aarch64": (99, 100)}
#: struct clone_args of linux/sched.h
ARGUMENTS, CGROUP_AT = struct.Struct("11Q"), 80
#: What pthread_atfork becomes with glibc.
HANDLERS = b"__register_atfork"
#: Of a fork for which there is no room, whatever makes it.
NO_ROOM = (errno.EAGAIN, errno.ENOMEM)


class Cgroups:
    """Those of a zygote's slots, below the one that `folder` is a descriptor of."""

    def __init__(self, folder):
        # One that keeps the lock of the interpreter, as os.fork does.
        python = ctypes.PyDLL(None, use_errno=True)
        self.folder = folder
        self.call = python.syscall
        self.before, self.after, self.begin = python.PyOS_BeforeFork, python.PyOS_AfterFork_Parent, python.PyOS_AfterFork_Child
        for each in (self.before, self.after, self.begin):
            each.restype = None
        # The C library keeps the number of a thread for itself, there.
        number = ctypes.c_ulong()
        kernel.check(kernel.libc.prctl(PR_GET_TID_ADDRESS, ctypes.addressof(number), 0, 0, 0), "tid address")
        self.set_robust_list, get = ROBUST_LISTS[os.uname().machine]
        self.robust = ctypes.c_void_p(), ctypes.c_size_t()
        kernel.check(self.call(get, 0, *map(ctypes.byref, self.robust)), "get_robust_list")
        flags = CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_INTO_CGROUP
        given = ARGUMENTS.pack(flags, 0, number.value, 0, kernel.SIGCHLD, 0, 0, 0, 0, 0, 0)
        self.arguments = ctypes.create_string_buffer(given, len(given))

    def fork(self, name):
        cgroup = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.folder)
        struct.pack_into("Q", self.arguments, CGROUP_AT, cgroup)
        self.before()
        pid = self.call(CLONE3, self.arguments, ARGUMENTS.size)
        if pid == 0:
            self.begin()
            # The kernel forgets it at a fork.
            self.call(self.set_robust_list, *self.robust)
        else:
            error = ctypes.get_errno()
            self.after()
        os.close(cgroup)
        if pid < 0:
            raise OSError(error, "clone3: " + os.strerror(error))
        return pid


class Births:
    """Forks, in cgroups of their own as long as that works."""

    def __init__(self, folder):
        """`folder`: a descriptor; -1: there is none."""
        self.cgroups = None
        try:
            if folder >= 0 and is_simple():
                self.cgroups = Cgroups(folder)
        except (OSError, KeyError):
            pass

    def fork(self, name):
        """Returns what os.fork does, and whether that is in the cgroup of this name."""
        if name is not None and self.cgroups is not None:
            try:
                return self.cgroups.fork(name), True
            except OSError as error:
                if error.errno in NO_ROOM:
                    raise
                self.cgroups = None
        return os.fork(), False


def is_simple():
    """Whether a fork of this process is a system call and what Python does."""
    return hasattr(kernel.libc, "gnu_get_libc_version") and len(os.listdir("/proc/self/task")) == 1 and not any(map(asks_for_forks, libraries()))


def libraries():
    """All that this process executes, but for the C library."""
    fork = ctypes.cast(kernel.libc.fork, ctypes.c_void_p).value
    found = set()
    with open("/proc/self/maps") as maps:
        for line in maps:
            place, rights, _, _, _, *name = line.rstrip("\n").split(None, 5)
            start, end = (int(each, 16) for each in place.split("-"))
            if "x" in rights and name and name[0].startswith("/") and not start <= fork < end:
                found.add(name[0])
    return found


def asks_for_forks(library):
    with open(library, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(HANDLERS) >= 0
