#: falls off the end
x = 1
#: sys.exit()
import sys; sys.exit()
#: sys.exit(None), in a function
import sys
def f(): sys.exit(None)
f()
#: sys.exit(0)
import sys; sys.exit(0)
#: sys.exit(3)
import sys; sys.exit(3)
#: sys.exit(256)
import sys; sys.exit(256)
#: sys.exit(-1)
import sys; sys.exit(-1)
#: sys.exit of a number that is too large
import sys; sys.exit(2 ** 70)
#: sys.exit(True)
import sys; sys.exit(True)
#: sys.exit of text
import sys; sys.exit('text é')
#: sys.exit of a tuple
import sys; sys.exit((1, 2))
#: sys.exit of several
raise SystemExit(1, 2)
#: sys.exit of a float
import sys; sys.exit(1.5)
#: exit() and quit() of site
print('a', end=''); exit(4)
#: quit() with text
quit('bye')
#: SystemExit that is caught
import sys
try: sys.exit(3)
except SystemExit as error: print('caught', error.code)
#: SystemExit that a finally replaces
import sys
def f():
    try: sys.exit(3)
    finally: return 1
print(f())
#: SystemExit in a finally of an error
import sys
try:
    try: 1 / 0
    finally: sys.exit(5)
except ZeroDivisionError: print('no')
#: SystemExit whose code is changed
error = SystemExit(1); error.code = 9
raise error
#: SystemExit after names of the module have been taken away
names = globals()
for name in ('__file__', '__cac' + 'hed__'): del names[name]
raise SystemExit(3)
#: the same by another way
import sys
for name in ('__file__', '__cac' + 'hed__'): delattr(sys.modules[__name__], name)
sys.exit(4)
#: a subclass of SystemExit
class E(SystemExit): pass
raise E(6)
#: os._exit flushes nothing
import os
print('lost'); os._exit(7)
#: os._exit in a finally
import os
try: print('kept', flush=True)
finally: os._exit(0)
#: os._exit of a forked child, and the parent's own end
import os
print('once')
if os.fork() == 0: os._exit(1)
print(os.wait()[1] >> 8)
#: a forked child that falls off the end writes what was buffered
import os
print('twice')
if os.fork() != 0: os.wait()
#: a forked child that exits with sys.exit
import os, sys
pid = os.fork()
if pid == 0: sys.exit(11)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
#: os.abort
import os
print('lost'); os.abort()
#: an exception that nobody catches
print('kept'); raise ValueError('words')
#: an exception without words
raise KeyError
#: an exception whose str fails
class E(Exception):
    def __str__(self): raise ValueError
raise E
#: an exception of a nested class
class Outer:
    class E(Exception): pass
raise Outer.E('x')
#: BaseException
raise BaseException('base')
#: KeyboardInterrupt that is raised
raise KeyboardInterrupt
#: KeyboardInterrupt with atexit
import atexit
atexit.register(print, 'at exit')
raise KeyboardInterrupt('words')
#: GeneratorExit, StopIteration
raise StopIteration(3)
#: sys.excepthook of its own
import sys
sys.excepthook = lambda kind, error, tb: print('hooked', kind.__name__, error)
1 / 0
#: sys.excepthook that fails
import sys
def hook(*_): raise RuntimeError('in the hook')
sys.excepthook = hook
1 / 0
#: sys.excepthook that exits
import sys, os
sys.excepthook = lambda *_: os._exit(12)
1 / 0
#: sys.excepthook is gone
import sys
del sys.excepthook
1 / 0
#: sys.stderr is None
import sys
sys.stderr = None
1 / 0
#: sys.stdout is None
import sys
sys.stdout = None
print('nothing')
#: sys.stderr is gone
import sys
del sys.stderr
raise ValueError('where')
#: sys.tracebacklimit
import sys
sys.tracebacklimit = 0
def f(): 1 / 0
f()
#: atexit, last first
import atexit
for i in range(3): atexit.register(print, i)
print('end')
#: atexit that raises
import atexit
@atexit.register
def f(): 1 / 0
atexit.register(print, 'first')
#: atexit that exits
import atexit, sys
atexit.register(print, 'still')
atexit.register(sys.exit, 9)
#: atexit that registers another
import atexit
@atexit.register
def f():
    print('one'); atexit.register(print, 'two')
#: atexit after sys.exit(2)
import atexit, sys
atexit.register(print, 'at exit')
sys.exit(2)
#: atexit with os._exit inside
import atexit, os
atexit.register(os._exit, 13)
print('lost?')
#: atexit runs how many that others registered {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import atexit
print(atexit._ncallbacks())
#: atexit unregistered
import atexit
atexit.register(print, 'no'); atexit.unregister(print)
#: atexit after a thread
import atexit, threading, time
atexit.register(print, 'at exit')
threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()
print('main')
#: an exception in a thread
import threading
t = threading.Thread(target=lambda: 1 / 0, name='worker'); t.start(); t.join()
print('on')
#: sys.exit in a thread
import threading, sys
t = threading.Thread(target=sys.exit, args=(5,)); t.start(); t.join()
print('on')
#: threading.excepthook
import threading
threading.excepthook = lambda args: print('hooked', args.exc_type.__name__, args.thread.name)
t = threading.Thread(target=lambda: 1 / 0, name='w'); t.start(); t.join()
#: a daemon thread that prints at the end
import threading, time
def f():
    while True: time.sleep(0.01)
threading.Thread(target=f, daemon=True).start()
print('end')
#: a thread that goes on when the main one ends by an error
import threading, time
threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()
raise ValueError('main')
#: _thread.interrupt_main
import _thread, time
try:
    _thread.interrupt_main(); time.sleep(1)
except KeyboardInterrupt: print('interrupted')
#: kill of itself by SIGTERM
import os, signal
print('lost'); os.kill(os.getpid(), signal.SIGTERM)
#: kill of itself by SIGINT is a KeyboardInterrupt
import os, signal
try: os.kill(os.getpid(), signal.SIGINT)
except KeyboardInterrupt: print('caught')
#: SIGINT with the default action
import os, signal
signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGINT)
#: signal.raise_signal of SIGSEGV
import signal
signal.raise_signal(signal.SIGSEGV)
#: a real crash
import ctypes
ctypes.string_at(1)
#: a crash of a child
import os, ctypes
pid = os.fork()
if pid == 0: ctypes.string_at(1)
print(os.waitpid(pid, 0)[1])
#: a real-time signal
import os, signal
print('kept', flush=True); os.kill(os.getpid(), signal.SIGRTMIN + 3)
#: the last real-time signal
import os
os.kill(os.getpid(), 64)
#: a real-time signal that is handled
import os, signal
signal.signal(signal.SIGRTMIN, lambda *_: print('handled')); os.kill(os.getpid(), signal.SIGRTMIN)
#: exec of itself
import os, sys
if len(sys.argv) > 1: print('again', sys.argv[1]); sys.exit(3)
os.execv(sys.executable, [sys.executable, __file__, 'x'])
#: exec of the shell, with its exit code
import os
print('kept', flush=True); os.execlp('sh', 'sh', '-c', 'exit 130')
#: exec of what is not there
import os
os.execv('/no/such', ['such'])
#: an unraisable exception in a generator's end
def g():
    try: yield
    finally: raise ValueError('in finally')
x = g(); next(x); del x
print('on')
#: sys.unraisablehook
import sys
sys.unraisablehook = lambda told: print('hooked', told.exc_type.__name__, told.err_msg)
class A:
    def __del__(self): 1 / 0
A()
#: output in megabytes, then an error
print('x' * 1000000); raise ValueError('after')
#: output in megabytes, then os._exit
import os, sys
sys.stdout.write('x' * 1000000); sys.stdout.flush(); os._exit(3)
#: a recursion in repr
x = []; x.append(x); print(x, repr(x) == str(x))
#: MemoryError that nobody catches
x = bytearray(1 << 62)
#: RecursionError that nobody catches, in a comparison
class A:
    def __eq__(self, other): return self == other
A() == A()
#: a fatal error of C's recursion is no crash
import sys
sys.setrecursionlimit(10 ** 6)
import ast
try: ast.literal_eval('(' * 100 + ')' * 100)
except (RecursionError, MemoryError, SyntaxError, ValueError) as error: print(type(error).__name__)
#: a crash by recursion of C
import sys
sys.setrecursionlimit(10 ** 6)
class A:
    def __getattr__(self, name): return getattr(self, name + 'x')
f = lambda n: max([n], key=lambda _: f(n + 1))
f(0)
