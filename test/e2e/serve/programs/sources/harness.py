#: a guard that takes functions away
def reliability_guard(maximum_memory_bytes=None):
    import faulthandler, platform
    if maximum_memory_bytes is not None:
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (maximum_memory_bytes, maximum_memory_bytes))
        resource.setrlimit(resource.RLIMIT_DATA, (maximum_memory_bytes, maximum_memory_bytes))
        if not platform.uname().system == 'Darwin':
            resource.setrlimit(resource.RLIMIT_STACK, (maximum_memory_bytes, maximum_memory_bytes))
    faulthandler.disable()
    import builtins
    builtins.exit = None
    builtins.quit = None
    import os
    os.environ['OMP_NUM_THREADS'] = '1'
    for name in ('kill', 'system', 'putenv', 'remove', 'removedirs', 'rmdir', 'fchdir', 'setuid', 'fork', 'forkpty', 'killpg', 'rename', 'renames', 'truncate', 'replace', 'unlink', 'fchmod', 'fchown', 'chmod', 'chown', 'chroot', 'lchown', 'getcwd', 'chdir'):
        setattr(os, name, None)
    import shutil
    shutil.rmtree = shutil.move = shutil.chown = None
    import subprocess
    subprocess.Popen = None
    __builtins__.help = None
    import sys
    for name in ('ipdb', 'joblib', 'resource', 'psutil', 'tkinter'): sys.modules[name] = None
reliability_guard()
print(sum(range(10)))
#: the guard with 4 GB {"memory_limit_MB": 1024}
import resource, faulthandler
most = 4 * 1024 ** 3
for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_STACK): resource.setrlimit(limit, (most, most))
faulthandler.disable()
import threading
t = threading.Thread(target=print, args=('a thread',)); t.start(); t.join()
print(resource.getrlimit(resource.RLIMIT_STACK))
#: the guard with 512 MB of stack, in a child
import multiprocessing as mp, resource, sys
def f(q):
    resource.setrlimit(resource.RLIMIT_STACK, (512 << 20, 512 << 20))
    sys.setrecursionlimit(10 ** 6)
    def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
    q.put(deep(20000))
if __name__ == '__main__':
    q = mp.Manager().list() if 0 else mp.Queue(); p = mp.Process(target=f, args=(q,)); p.start(); print(q.get(timeout=20)); p.join(timeout=20); print(p.exitcode)
#: a time limit by alarm, and output that is caught
import signal, io, contextlib
class TimeoutException(Exception): pass
@contextlib.contextmanager
def time_limit(seconds):
    def handler(signum, frame): raise TimeoutException('Timed out!')
    signal.setitimer(signal.ITIMER_REAL, seconds); signal.signal(signal.SIGALRM, handler)
    try: yield
    finally: signal.setitimer(signal.ITIMER_REAL, 0)
class WriteOnlyStringIO(io.StringIO):
    def read(self, *a): raise OSError
    def readable(self, *a): return False
class redirect_stdin(contextlib._RedirectStream): _stream = 'stdin'
@contextlib.contextmanager
def swallow_io():
    stream = WriteOnlyStringIO()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), redirect_stdin(stream): yield
results = []
for code in ('x = 1', 'while True: pass', 'print("hidden")', 'input()', '1 / 0'):
    try:
        with swallow_io(), time_limit(0.5): exec(code, {})
        results.append('passed')
    except TimeoutException: results.append('timed out')
    except BaseException as error: results.append(f'failed: {error}')
print(results)
#: a folder of its own for each test
import tempfile, contextlib, os
@contextlib.contextmanager
def chdir(root):
    cwd = os.getcwd(); os.chdir(root)
    try: yield
    finally: os.chdir(cwd)
with tempfile.TemporaryDirectory() as folder:
    with chdir(folder): open('x', 'w').write('1'); print(os.listdir('.'))
print(os.path.exists(folder))
#: a solution run in a process with a queue and a time-out
import multiprocessing
def unsafe_execute(code, result):
    try: exec(code, {}); result.append('passed')
    except BaseException as error: result.append(f'failed: {error}')
def check(code, seconds):
    manager = multiprocessing.Manager(); result = manager.list()
    p = multiprocessing.Process(target=unsafe_execute, args=(code, result)); p.start(); p.join(timeout=seconds)
    if p.is_alive(): p.kill()
    return list(result) or ['timed out']
if __name__ == '__main__': print([check(code, 1) for code in ('assert 1', 'assert 0', 'while True: pass')])
#: a solution as a module, by its name in a class {"stdin": "3\n1 2 3\n"}
import types, sys, io
source = 'class Solution:\n    def total(self, nums): return sum(nums)\n'
module = types.ModuleType('tmp_sol', ''); exec(source, module.__dict__)
print(getattr(module.Solution(), 'total')([1, 2, 3]))
from unittest.mock import patch, mock_open
with patch('builtins.open', mock_open(read_data='4 5\n')), patch('sys.stdin', io.StringIO('4 5\n')), patch('sys.stdin.readline', lambda *a: '4 5\n'): print(sum(map(int, input().split())))
#: what is put before a solution
from string import *
from re import *
from datetime import *
from collections import *
from heapq import *
from bisect import *
from copy import *
from math import *
from random import *
from statistics import *
from itertools import *
from functools import *
from operator import *
from io import *
from sys import *
from json import *
from builtins import *
from typing import *
import string, re, datetime, collections, heapq, bisect, copy, math, random, statistics, itertools, functools, operator, io, sys, json
sys.setrecursionlimit(50000)
print(gcd(12, 18), len(Counter('hello')), comb(5, 2), Counter('aab').most_common(1), log2(8))
#: the limit of recursion, and how deep it then goes {"memory_limit_MB": 1024}
import sys
sys.setrecursionlimit(10 ** 6)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
print(f(100000))
#: the whole solution in a thread with a large stack {"stdin": "50000\n", "memory_limit_MB": 1024}
import sys, threading
sys.setrecursionlimit(1 << 25); threading.stack_size(1 << 27)
def main():
    n = int(input())
    def dfs(v): return 0 if v == n else 1 + dfs(v + 1)
    print(dfs(0))
t = threading.Thread(target=main); t.start(); t.join()
#: limits of the process: time, files, processes
import resource
resource.setrlimit(resource.RLIMIT_CPU, (5, 6)); resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)); resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try: open('big', 'wb').write(bytes(2 << 20))
except OSError as error: print(error)
#: SIGXFSZ with the default action
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); open('f', 'wb', 0).write(bytes(2000)); open('f', 'ab', 0).write(b'x')
#: no more processes
import resource, os
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
print(resource.getrlimit(resource.RLIMIT_NPROC))
#: address space that is too small for a thread
import resource, threading
resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))
threading.stack_size(256 << 20)
try: threading.Thread(target=int).start()
except RuntimeError as error: print(error)
#: hard limits that cannot be raised again
import resource
resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, 16 << 20))
try: resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, 32 << 20))
except ValueError as error: print(error)
#: the stack is the memory limit's, and may be raised {"memory_limit_MB": 256}
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
resource.setrlimit(resource.RLIMIT_STACK, (hard, hard)); print(hard)
#: tests of asserts with their messages
def add(a, b): return a - b
assert add(1, 0) == 1
assert add(2, 3) == 5, 'add(2, 3)'
#: a check function that is called at the end
def candidate(x): return x * 2
METADATA = {}
def check(candidate):
    assert candidate(2) == 4
    assert candidate(-1) == -2
check(candidate)
#: a test with unittest, to stderr
import unittest
class T(unittest.TestCase):
    def test_a(self): self.assertEqual(1, 2)
if __name__ == '__main__': unittest.main(argv=[''], verbosity=0, exit=True, failfast=True, testRunner=unittest.TextTestRunner(descriptions=False, stream=open('log', 'w')))
#: inputs of a megabyte, by lines {"stdin": "1000000\n"}
import sys
data = sys.stdin.buffer.read().split(); print(int(data[0]) + 1)
sys.stdout.write('\n'.join(map(str, range(50000))))
#: exec of a string with a __main__ of its own
code = 'import sys\nif __name__ == "__main__":\n    print("main", len(sys.argv))'
exec(compile(code, 'solution.py', 'exec'), {'__name__': '__main__'})
#: exec of a string that raises: its traceback
exec(compile('def f():\n    return 1 / 0\nf()', '<string>', 'exec'))
#: psutil, numpy, pandas and others where they are
import importlib.util
print([name for name in ('numpy', 'pandas', 'scipy', 'sympy', 'psutil', 'torch', 'sklearn', 'requests', 'yaml', 'sortedcontainers', 'networkx') if importlib.util.find_spec(name)])
#: open() is refused
import builtins
def refused(*a, **k): raise PermissionError('no files')
builtins.open = refused
try: open('x')
except PermissionError as error: print(error)
#: sys.modules entries that are None
import sys
sys.modules['os'] = None
try: import os
except ImportError as error: print(error)
import tempfile
