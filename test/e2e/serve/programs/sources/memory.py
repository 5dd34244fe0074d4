#: the collector's settings
import gc
print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.callbacks, gc.garbage)
#: how many objects are frozen {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import gc
print(gc.get_freeze_count())
#: how many objects the collector knows {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import gc
print(len(gc.get_objects()))
#: of which types they are {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import gc, collections
print(collections.Counter(type(each).__name__ for each in gc.get_objects()).most_common(12))
#: how many objects of a class of its own
import gc
class A: pass
kept = [A() for _ in range(3)]
print(sum(isinstance(each, A) for each in gc.get_objects()), len(gc.get_referrers(kept[0])))
#: the collector's counts {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import gc
print(gc.get_count(), gc.get_stats())
#: a full collection
import gc
class Node: pass
for _ in range(10):
    a, b = Node(), Node(); a.x, b.x = b, a
del a, b
print(gc.collect(), gc.collect())
#: the first collection finds nothing of ours
import gc
print(gc.collect())
#: freeze and unfreeze
import gc
gc.freeze(); frozen = gc.get_freeze_count() > 0
gc.unfreeze(); print(frozen, gc.get_freeze_count())
#: a callback of the collector
import gc
seen = []
gc.callbacks.append(lambda phase, info: seen.append((phase, info['generation'])))
gc.collect(); print(seen)
#: finalizers of a cycle
import gc
class A:
    def __init__(self, name): self.name = name
    def __del__(self): print('del', self.name)
a, b = A('a'), A('b'); a.other, b.other = b, a
del a, b
print('before'); gc.collect(); print('after')
#: __del__ of globals at the end
class A:
    def __init__(self, name): self.name = name
    def __del__(self): print('del', self.name)
x = A('x'); y = A('y'); _z = A('z'); A.kept = A('in the class')
print('end')
#: __del__ of a cycle at the end
class A:
    def __del__(self): print('del', type(self).__name__)
a = A(); a.me = a
print('end')
#: __del__ that raises
class A:
    def __del__(self): raise ValueError('in del')
a = A(); del a
print('on')
#: __del__ that raises at the end
class A:
    def __del__(self): raise ValueError('in del')
a = A()
#: __del__ uses modules at the end
import os, sys
class A:
    def __del__(self): print(os is None, sys is None, __name__, open)
a = A()
#: weakref.finalize at the end, in what order
import weakref, atexit
class A: pass
a, b = A(), A()
weakref.finalize(a, print, 'a is gone')
weakref.finalize(b, print, 'b is gone')
atexit.register(print, 'at exit')
del b
print('end')
#: weak references and their callbacks
import weakref
class A: pass
a = A(); r = weakref.ref(a, lambda _: print('called')); d = weakref.WeakValueDictionary(x=a)
del a
print(r(), dict(d))
#: a weak reference's callback at the end
import weakref
class A: pass
a = A(); r = weakref.ref(a, lambda _: print('called at the end'))
#: generators that are left at the end
def g():
    try: yield 1
    finally: print('closed')
x = g(); next(x)
print('end')
#: a context manager in a generator that is left
import contextlib
@contextlib.contextmanager
def c():
    print('in')
    try: yield
    finally: print('out')
x = c(); x.__enter__()
print('end')
#: a file that is not closed, written at the end
f = open('late.txt', 'w'); f.write('x')
import atexit, os
class A:
    def __del__(self): print(os.path.getsize('late.txt'))
print('end')
#: reference counts
import sys
a = []
print(sys.getrefcount(a), sys.getrefcount(object()))
#: sizes of objects
import sys
print([sys.getsizeof(each) for each in (1, 2**100, 'a', 'é', '', [], [1], {}, {1: 2}, set(), (), 1.0, b'', object(), type, lambda: 1)])
#: interned strings
import sys
a, b = 'hello', 'hel' + 'lo'
c = ''.join(['hel', 'lo'])
print(a is b, a is c, sys.intern(c) is a, 'a b' is ''.join(['a', ' b']))
#: small integers and empty containers
a, b = 256, int('256'); c, d = 257, int('257')
print(a is b, c is d, () is tuple([]), '' is str(), frozenset() is frozenset(), b'' is bytes())
#: blocks that are allocated
import sys
before = sys.getallocatedblocks()
x = [object() for _ in range(1000)]
print(sys.getallocatedblocks() - before >= 1000, before < 100000)
#: the type cache can be cleared
import sys
print(sys._clear_type_cache())
#: tracemalloc is off
import tracemalloc
print(tracemalloc.is_tracing(), tracemalloc.get_traceback_limit())
#: tracemalloc of its own lines
import tracemalloc
tracemalloc.start()
x = [bytes(1000) for _ in range(100)]
one = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, __file__)]).statistics('lineno')[0]
print(one.count, one.size > 100000, one.traceback[0].lineno, tracemalloc.get_traced_memory()[0] > 100000)
#: how much it holds
import resource
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(4000 < most < 40000)
#: how much it holds when it holds much
import resource
x = bytearray(100 << 20)
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(100 << 10 < most < 140 << 10)
#: memory in /proc/self/status
status = dict(line.split(':\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\t' in line)
print(status['VmLck'], status['VmPin'], status['VmSwap'], int(status['VmRSS'].split()[0]) < 40000, int(status['VmStk'].split()[0]), int(status['VmData'].split()[0]) < 60000)
#: /proc/self/statm and smaps
statm = list(map(int, open('/proc/self/statm').read().split()))
print(len(statm), statm[1] < 10000, 'Rss' in open('/proc/self/smaps').read())
#: mlock and madvise
import ctypes, mmap
m = mmap.mmap(-1, 1 << 16)
print(m.madvise(mmap.MADV_DONTNEED), m.madvise(mmap.MADV_WILLNEED), mmap.PAGESIZE, mmap.ALLOCATIONGRANULARITY)
libc = ctypes.CDLL(None, use_errno=True)
#: brk and sbrk grow
import ctypes
libc = ctypes.CDLL(None); libc.sbrk.restype = ctypes.c_void_p
a = libc.sbrk(0); libc.malloc(1 << 16); print(a is not None)
#: malloc's settings of glibc
import ctypes
libc = ctypes.CDLL(None)
print(libc.mallopt(-3, 1 << 20), libc.malloc_trim(0) in (0, 1))
#: MemoryError of a huge list
try: [0] * (1 << 60)
except MemoryError: print('MemoryError')
try: 'x' * (1 << 62)
except MemoryError: print('MemoryError')
#: OverflowError and limits of numbers
import sys
print(sys.maxsize, sys.float_info.max, sys.int_info, sys.maxunicode)
try: range(10 ** 30)[10 ** 29]; print(len(range(10 ** 30)))
except OverflowError as error: print(error)
#: the digits of integers
import sys
print(sys.get_int_max_str_digits())
sys.set_int_max_str_digits(0)
print(len(str(10 ** 6000)))
#: decimal's context
import decimal
print(decimal.getcontext(), decimal.DefaultContext.prec)
#: float flags and rounding
import sys, math
print(sys.float_repr_style, 0.1 + 0.2, round(2.5), math.fsum([.1] * 10), 1e308 * 10)
#: context variables
import contextvars
print(len(contextvars.copy_context()))
v = contextvars.ContextVar('v', default=1)
t = v.set(2); print(v.get(), len(contextvars.copy_context())); v.reset(t); print(v.get())
#: lru_cache and its counts
import functools, re, os, fnmatch, typing
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(300), fib.cache_info(), fnmatch._compile_pattern.cache_info())
#: watchers and version tags of types
class A: x = 1
a = A(); print(a.x); A.x = 2; print(a.x); A.__call__ = lambda self: 3; print(a())
#: types of the library may not be changed, classes of it may
try: int.x = 1
except TypeError as error: print(error)
import collections
collections.OrderedDict
collections.Counter.mine = 5; print(collections.Counter().mine)
#: subclasses of object, in number {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
print(len(object.__subclasses__()))
#: subclasses of exceptions, in order {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
print([each.__name__ for each in Exception.__subclasses__()])
#: abstract classes that are registered {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import collections.abc
print(sorted(each.__name__ for each in collections.abc.Sequence.__subclasses__()), issubclass(list, collections.abc.Sequence), isinstance(range(3), collections.abc.Sequence))
#: copyreg and pickle tables {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import copyreg
print(sorted(str(key) for key in copyreg.dispatch_table), copyreg._extension_registry)
#: codecs that are registered
import codecs, encodings, sys
print(sorted(name for name in sys.modules if name.startswith('encodings')), sorted(encodings._cache))
#: ast recursion and compile of large code
exec('\n'.join(f'x{i} = {i}' for i in range(5000)))
print(x4999, eval('+'.join(['1'] * 1000)))
