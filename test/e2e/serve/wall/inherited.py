"""What a careless caller of a server leaves behind: open descriptors, a key in its session keyring, ignored signals.

Becomes what its arguments name: FOLDER FILE LOG KEY COMMAND...
"""
import ctypes
import os
import signal
import sys

folder, file, log, key, *command = sys.argv[1:]
join, add = (250, 248) if os.uname().machine == "x86_64" else (219, 217)
libc = ctypes.CDLL(None)
libc.syscall(join, 1, None, 0, 0, 0)
libc.syscall(add, b"user", b"host-secret", key.encode(), len(key), -3)
for number, path, flags in (
    (20, folder, os.O_RDONLY),
    (200, file, os.O_RDONLY),
    (900, log, os.O_WRONLY | os.O_APPEND),
):
    fd = os.open(path, flags)
    os.dup2(fd, number, inheritable=True)
    os.close(fd)
for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGRTMIN, signal.SIGRTMAX):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
os.execvp(command[0], command)
