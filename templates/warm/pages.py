"""Pages that each program writes to are copied when its process is forked, all at once.

Left alone, the kernel copies them one by one as they are written to, here and there, and each takes an exception. A
fork copies what a device might be writing to, and so what has been given to io_uring as its buffers (Linux 5.9).
Where the kernel has none, or allows none, all is as it was.
"""
import ctypes
import mmap
import os
import struct

import kernel

IO_URING_SETUP, IO_URING_REGISTER, IORING_REGISTER_BUFFERS = 425, 427, 0
#: struct io_uring_params, and UIO_MAXIOV: how many buffers there may be.
PARAMS_SIZE, MOST_BUFFERS = 120, 1024
#: Of /proc/PID/pagemap: the page is there; it is of a file, or shared; nobody else has it.
PRESENT, OF_FILE, EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56
ENTRY = 8


def writable():
    """Places of memory that a fork shares until one side writes to it."""
    with open("/proc/self/maps") as maps:
        places = [line.split(None, 2)[:2] for line in maps]
    return [tuple(int(each, 16) for each in place.split("-")) for place, rights in places if rights == "rw-p"]


class Pages:
    """Of the places, those that only this process has: all others are shared with its forks."""

    def __init__(self, places):
        self.places = [(start, bytearray((end - start) // mmap.PAGESIZE * ENTRY)) for start, end in places]

    def look(self):
        """Apart from what it is looked at with: that is memory as well."""
        with open("/proc/self/pagemap", "rb", 0) as table:
            for start, entries in self.places:
                os.preadv(table.fileno(), [entries], start // mmap.PAGESIZE * ENTRY)

    def runs(self):
        """Adjacent ones, as address and length."""
        found = []
        for start, entries in self.places:
            for address, entry in zip(range(start, 1 << 63, mmap.PAGESIZE), memoryview(entries).cast("Q")):
                if entry & (PRESENT | OF_FILE | EXCLUSIVE) != PRESENT | EXCLUSIVE:
                    continue
                if found and sum(found[-1]) == address:
                    found[-1] = (found[-1][0], found[-1][1] + mmap.PAGESIZE)
                else:
                    found.append((address, mmap.PAGESIZE))
        return found


def copy_at_fork(runs):
    """For as long as this process lives."""
    # The kernel answers in it.
    params = ctypes.create_string_buffer(PARAMS_SIZE)
    ring = kernel.libc.syscall(IO_URING_SETUP, 1, params)
    if ring < 0:
        return
    runs = sorted(runs, key=lambda run: -run[1])[:MOST_BUFFERS]
    given = b"".join(struct.pack("PN", *run) for run in runs)
    kernel.libc.syscall(IO_URING_REGISTER, ring, IORING_REGISTER_BUFFERS, given, ctypes.c_uint(len(runs)))
