"""The end of a program, without taking the interpreter apart where nobody could tell.

CPython's own end rewrites most of the heap, and each page that it writes to must first be copied from the zygote's:
two thirds of all the CPU time of a small program. It is left out where the program came to the end of its file, and
left nothing that would run or write anything when it is taken apart.
"""
import atexit
import ctypes
import gc
import sys
import _thread
import weakref

libc = ctypes.CDLL(None)
HARMLESS = ("weakref", "_weakrefset", "abc", "_abc", "functools", "threading")
modules = sys.modules


told = True


def watch(code):
    """A program that takes away what CPython would cannot be told from one that came to its end."""
    global told
    told = "__cached__" in code


def register():
    """Before a program can register anything: what is registered first is called last."""
    streams = (sys.stdout, sys.stderr)
    atexit.register(lambda: end(streams))


def end(streams):
    try:
        if not (told or can_tell(streams)):
            for stream in streams:
                stream.flush()
            libc.exit(0)
    except BaseException:
        # CPython's own end tells of it.
        pass


def can_tell(streams):
    main = vars(modules.get("__main__"))
    # CPython takes this away when a file has come to its end, before anything else; SystemExit leaves it there.
    if "__file__" in main or "__cached__" in main or "__name__" not in main:
        return True
    if hasattr(sys, "last_value") or hasattr(sys, "last_exc"):
        return True
    if (sys.stdout, sys.stderr) != streams or any(stream.closed for stream in streams):
        return True
    if _thread._count() > 0:
        return True
    return any(acts_at_its_end(each) for each in gc.get_objects())


def acts_at_its_end(thing):
    kind = type(thing)
    if kind is weakref.ReferenceType or isinstance(thing, weakref.ReferenceType):
        called = thing.__callback__
        return called is not None and getattr(called, "__module__", None) not in HARMLESS
    if isinstance(thing, type):
        return hasattr(thing, "__del__")
    return hasattr(kind, "__del__")
