#: names of the main module
print(sorted(globals()))
#: their order
print(list(globals()))
#: their values
print(__name__, __doc__, __package__, __spec__, __annotations__, __cached__ if '__cached__' in globals() else None, type(__builtins__), type(__loader__))
#: a docstring of the file
"""What it is."""
print(__doc__)
#: the main module in sys.modules
import sys, __main__
print(sys.modules['__main__'] is __main__, vars(__main__) is globals(), __main__.__file__ == __file__, repr(__main__).startswith("<module '__main__' from '/tmp/tmp"))
#: its loader
print(__loader__.name, __loader__.path == __file__, __loader__.is_package('__main__'), __loader__.get_filename('__main__') == __file__)
print(len(__loader__.get_data(__file__)))
#: its own source, by inspect
import inspect
def f(x):
    # a comment
    return x + 1
print(inspect.getsource(f), inspect.getsourcefile(f) == __file__, inspect.getmodule(f).__name__)
class A:
    def method(self): pass
print(inspect.getsource(A), inspect.signature(A.method))
#: its own lines, by linecache
import linecache
print(repr(linecache.getline(__file__, 1)), repr(linecache.getline(__file__, 99)), len(linecache.cache))
#: its own file, read
lines = open(__file__).readlines()
print(len(lines), lines[0], end='')
#: its own file, deleted before an error
import os
os.unlink(__file__)
raise ValueError('no source any more')
#: its own file, changed before an error
open(__file__, 'w').write('# another\n' * 5)
raise ValueError('another source')
#: a traceback of several functions
def outer(): inner(1)
def inner(x):
    return x / 0
outer()
#: a traceback with a cause
try:
    {}['missing']
except KeyError as error:
    raise RuntimeError('because') from error
#: a traceback with a context
try:
    [][1]
except IndexError:
    int('x')
#: a traceback of a recursion that is too deep
def f(n): return f(n + 1)
f(0)
#: a traceback through a library
import json
json.loads('{"a": ]')
#: a traceback through a generator, a comprehension and a lambda
def gen():
    yield 1
    raise KeyError('end')
print([(lambda x: x)(y) for y in gen()])
#: a traceback of a group of exceptions
raise ExceptionGroup('several', [ValueError(1), TypeError(2)])
#: a traceback with notes
error = ValueError('noted')
error.add_note('a note')
raise error
#: a syntax error
print('before')
def f(:
    pass
#: an indentation error
if True:
print(1)
#: a syntax error in an f-string
print(f'{1 +}')
#: tabs and spaces
if True:
	x = 1
        y = 2
#: a string that does not end
print('abc
#: a null byte is no source {"files": {}}
exec('x\0')
#: an encoding declared in the first line
# -*- coding: latin-1 -*-
print('é', len('é'))
#: a byte order mark is passed over
print(repr(open(__file__, encoding='utf-8').read()[:5]))
#: warnings of the compiler
x = 1
if x is 1: print('is')
assert (x, 'always')
print('\d')
#: a future import
from __future__ import annotations
def f(x: undefined): return x
print(f.__annotations__)
#: flags of its code
import sys
frame = sys._getframe()
print(frame.f_code.co_name, frame.f_code.co_filename == __file__, frame.f_back, frame.f_lineno, frame.f_code.co_flags, frame.f_code.co_firstlineno)
#: how deep the stack is at the start
import sys, traceback, inspect
print(len(inspect.stack()), len(traceback.extract_stack()), [each.function for each in inspect.stack()])
#: how deep it may recurse
import sys
def deep(n):
    global most
    most = n
    deep(n + 1)
try: deep(1)
except RecursionError: print(most, sys.getrecursionlimit())
#: pickles of classes and functions of the main module
import pickle
class Point:
    def __init__(self, x): self.x = x
def function(): pass
data = pickle.dumps([Point(3), function, Point], protocol=0)
print(b'__main__' in data, pickle.loads(data)[0].x, Point.__module__, function.__module__, pickle.loads(data)[1] is function)
print(data)
#: names of classes, functions and errors
class E(Exception): pass
def f():
    class Inner: pass
    return Inner
print(E, f, f(), repr(E('x')), f.__qualname__) if 0 else print(E, f(), repr(E('x')), f.__qualname__)
#: dataclasses, enums and typing of the main module
import dataclasses, enum, typing
@dataclasses.dataclass(order=True)
class D:
    x: int
    y: list[int] = dataclasses.field(default_factory=list)
class C(enum.Enum):
    A = 1
    B = enum.auto()
class T(typing.NamedTuple):
    x: int = 3
print(D(1), D(1) < D(2), C.B, repr(C.A), T(), typing.get_type_hints(D), D.__module__)
#: globals of exec and eval
exec('y = 5')
print(y, eval('y + 1'), eval('__name__'), sorted(eval('globals()', {}))) if 0 else print(y, eval('y + 1'), eval('__name__'))
#: the main module runs once
import sys
if 'again' in sys.modules: print('twice')
import importlib
name = __file__.rpartition('/')[2][:-3]
module = importlib.import_module(name) if not globals().get('__spec__') and __name__ == '__main__' else None
print('as', __name__ == name or __name__)
#: import of __main__ by a name
from __main__ import __name__ as name
print(name)
#: a doctest of itself
"""
>>> 1 + 1
2
>>> 1 + 2
4
"""
import doctest
print(doctest.testmod())
#: unittest of itself
import unittest
class Tests(unittest.TestCase):
    def test_good(self): self.assertEqual(1, 1)
    def test_skipped(self): self.skipTest('why')
if __name__ == '__main__':
    import sys
    result = unittest.main(exit=False, argv=['program'], verbosity=0, testRunner=unittest.TextTestRunner(stream=open('/dev/null', 'w'))).result
    print(result.testsRun, len(result.skipped))
#: argparse tells its name
import argparse, sys
sys.argv[0] = 'program.py'
argparse.ArgumentParser().parse_args(['--nosuch'])
#: the audit hook sees its own events only {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append(event))
import bisect
open('/dev/null').close()
print(seen)
#: settrace and setprofile are not set
import sys, threading
print(sys.gettrace(), sys.getprofile(), threading.gettrace(), sys.getswitchinterval(), sys.get_coroutine_origin_tracking_depth(), sys.get_asyncgen_hooks(), sys.getdlopenflags())
#: trace of its own lines
import sys
lines = []
def trace(frame, event, arg):
    lines.append((event, frame.f_lineno, frame.f_code.co_name))
    return trace
def f():
    x = 1
    return x
sys.settrace(trace)
f()
sys.settrace(None)
print(lines)
#: hooks of the interpreter
import sys
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, sys.unraisablehook is sys.__unraisablehook__, sys.breakpointhook is sys.__breakpointhook__, hasattr(sys, 'last_type'), hasattr(sys, 'ps1'))
