"""The end of a program, without taking the interpreter apart where nobody could tell.

CPython's own end rewrites most of the heap, and each page that it writes to must first be copied from the zygote's:
two thirds of all the CPU time of a small program. It is left out where the program came to the end of its file, and
left nothing that would run or write anything when it is taken apart.
"""
import atexit
import ctypes
import gc
import os
import sys
import _thread
import weakref
from _frozen_importlib_external import ExtensionFileLoader

libc = ctypes.CDLL(None)
libc.exit, libc.fflush
#: What code says that may end a program before the end of its file, and that may take names away unsaid.
ENDS = (b"exit", b"quit", b"Exit")
TAKES_AWAY = (b"globals", b"vars", b"locals", b"__dict__", b"exec", b"eval", b"attr", b"modules", b"__import__", b"import_", b"frame", b"ctypes", b"gc.", b"runpy", b"pickle")
HARMLESS = ("weakref", "_weakrefset", "abc", "_abc", "functools", "threading")
modules = sys.modules


told = True
last = None
#: A program that shows what memory is written to waits at its end until it has been seen: zygote.rehearse.
rehearses = False
#: Modules that end by themselves where they do at all, and kinds of things that do not.
known = set()
harmless_kinds = set()


def learn(names):
    """The modules that have been loaded, and kinds of things that are known before any program, and of which none acts at its end."""
    known.update(names)
    known.difference_update(("ctypes", "_ctypes"))
    kinds = {each for each in gc.get_objects() if issubclass(type(each), type)}
    harmless_kinds.update(each for each in kinds if not hasattr(each, "__del__") and not issubclass(each, (type, weakref.ReferenceType)))


def watch(code):
    """The program begins. A program that takes away what CPython would cannot be told from one that came to its end."""
    global told, last
    last = next(reversed(modules))
    told = b"__cached__" in code or all(any(each in code for each in words) for words in (ENDS, TAKES_AWAY))


def register():
    """Before a program can register anything: what is registered first is called last."""
    streams = (sys.stdout, sys.stderr)
    atexit.register(lambda: end(streams))


def end(streams):
    try:
        if not (told or can_tell(streams)):
            for stream in streams:
                stream.flush()
            if rehearses:
                os.write(1, b"\n")
                os.read(0, 1)
            if not any(may_have_an_end(each) for each in imported()):
                libc.fflush(None)
                os._exit(0)
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
    things = gc.get_objects()
    # Most are of a few kinds: only the others are looked at, one by one.
    others = set(map(type, things)) - harmless_kinds
    return any(acts_at_its_end(each) for each in things if type(each) in others) if others else False


def imported():
    """Modules that the program has imported, and that had not been loaded for it."""
    for name in reversed(modules):
        # In the order in which they came.
        if name == last:
            return
        if name not in known:
            yield name


def may_have_an_end(name):
    """In C: only the C library could call it."""
    return name in ("ctypes", "_ctypes") or isinstance(getattr(getattr(modules[name], "__spec__", None), "loader", None), ExtensionFileLoader)


def acts_at_its_end(thing):
    kind = type(thing)
    if kind is weakref.ReferenceType or isinstance(thing, weakref.ReferenceType):
        called = thing.__callback__
        return called is not None and getattr(called, "__module__", None) not in HARMLESS
    if isinstance(thing, type):
        return hasattr(thing, "__del__")
    return hasattr(kind, "__del__")
