#: multiprocessing: how it starts
import multiprocessing as mp
print(mp.get_start_method(), mp.get_all_start_methods(), mp.current_process().name, mp.parent_process(), mp.active_children())
#: multiprocessing by fork
import multiprocessing as mp, os
x = [1]
def f(q): q.put((x, mp.current_process().name, mp.parent_process().pid == os.getppid(), __name__))
if __name__ == '__main__':
    x.append(2); c = mp.get_context('fork'); q = c.Queue(); p = c.Process(target=f, args=(q,)); p.start(); print(q.get()); p.join(); print(p.exitcode)
#: multiprocessing by spawn {"run_timeout": 30}
import multiprocessing as mp, sys
x = [1]
def f(q): q.put((x, __name__, sys.argv[0] == __file__, sys.modules['__main__'].__name__))
if __name__ == '__main__':
    x.append(2); c = mp.get_context('spawn'); q = c.Queue(); p = c.Process(target=f, args=(q,)); p.start(); print(q.get()); p.join(); print(p.exitcode)
#: multiprocessing by forkserver {"run_timeout": 30}
import multiprocessing as mp
def f(q): q.put(__name__)
if __name__ == '__main__':
    c = mp.get_context('forkserver'); q = c.Queue(); p = c.Process(target=f, args=(q,)); p.start(); print(q.get()); p.join(); print(p.exitcode)
#: multiprocessing by spawn without a guard {"run_timeout": 30}
import multiprocessing as mp
print('main', __name__)
if __name__ == '__mp_main__': raise SystemExit(3)
p = mp.get_context('spawn').Process(target=int); p.start(); p.join(); print(p.exitcode)
#: a pool that starts children by spawn {"run_timeout": 30}
import multiprocessing as mp
def f(x): return x * x
if __name__ == '__main__':
    with mp.get_context('spawn').Pool(2) as p: print(p.map(f, range(5)))
#: a pool, imap and apply_async
from multiprocessing import Pool
def f(x): return x + 1
if __name__ == '__main__':
    with Pool(3) as p: print(list(p.imap(f, range(5))), p.apply_async(f, (9,)).get(5), p.starmap(max, [(1, 2), (4, 3)]))
#: an error in a pool
from multiprocessing import Pool
def f(x): raise ValueError(x)
if __name__ == '__main__':
    with Pool(1) as p: p.map(f, [7])
#: a manager, its dict and list
from multiprocessing import Manager, Process
def f(d, l): d['a'] = 1; l.append(2)
if __name__ == '__main__':
    with Manager() as m:
        d, l = m.dict(), m.list(); p = Process(target=f, args=(d, l)); p.start(); p.join(); print(dict(d), list(l))
#: values, arrays, locks, events, barriers
from multiprocessing import Process, Value, Array, Lock, Event, Barrier
def f(v, a, lock, e, b):
    with lock: v.value += 1; a[0] = 5
    e.set(); b.wait()
if __name__ == '__main__':
    v, a, e, b = Value('i', 0), Array('d', 3), Event(), Barrier(4)
    ps = [Process(target=f, args=(v, a, Lock(), e, b)) for _ in range(3)]; [p.start() for p in ps]; e.wait(); b.wait(); [p.join() for p in ps]; print(v.value, list(a))
#: a pipe between processes, and a listener
from multiprocessing import Pipe, Process
def f(c): c.send({'x': c.recv()}); c.close()
if __name__ == '__main__':
    a, b = Pipe(); p = Process(target=f, args=(b,)); p.start(); a.send(3); print(a.recv()); p.join()
#: a child that ends by a signal
from multiprocessing import Process
import os, signal, time
p = Process(target=time.sleep, args=(30,)); p.start(); p.terminate(); p.join(); print(p.exitcode)
p = Process(target=time.sleep, args=(30,)); p.start(); p.kill(); p.join(); print(p.exitcode)
#: a child that exits, raises, is a daemon
from multiprocessing import Process
import sys, time
def bad(): raise KeyError('child')
p = Process(target=sys.exit, args=(4,)); p.start(); p.join(); print(p.exitcode)
p = Process(target=bad, name='child'); p.start(); p.join(); print(p.exitcode)
Process(target=time.sleep, args=(30,), daemon=True).start()
#: a child that is not joined
from multiprocessing import Process
import time
def f(): time.sleep(0.2); print('child')
Process(target=f).start(); print('main')
#: shared memory of NumPy's size
from multiprocessing import shared_memory
s = shared_memory.SharedMemory(create=True, size=8 << 20); s.buf[-1] = 3
o = shared_memory.SharedMemory(s.name); print(o.buf[(8 << 20) - 1], o.size, o.name == s.name); o.close(); s.close(); s.unlink()
l = shared_memory.ShareableList([1, 'a', 2.5]); print(list(l)); l.shm.close(); l.shm.unlink()
#: named semaphores
import multiprocessing as mp, _multiprocessing
s = mp.Semaphore(3); s.acquire(); print(s.get_value(), s._semlock.name.startswith('/mp-'), _multiprocessing.SemLock.SEM_VALUE_MAX)
#: ProcessPoolExecutor, and a worker that dies
from concurrent.futures import ProcessPoolExecutor
import os
def f(x): return x * 2
if __name__ == '__main__':
    with ProcessPoolExecutor(2) as e:
        print(list(e.map(f, range(4))))
        try: e.submit(os._exit, 3).result()
        except Exception as error: print(type(error).__name__)
#: subprocess: output, codes, input, time-out
import subprocess
print(subprocess.check_output(['echo', 'a']), subprocess.call('exit 7', shell=True), subprocess.run('cat', input=b'in', capture_output=True).stdout)
try: subprocess.run(['sleep', '9'], timeout=0.2)
except subprocess.TimeoutExpired as error: print(error.cmd)
try: subprocess.run('exit 3', shell=True, check=True)
except subprocess.CalledProcessError as error: print(error)
try: subprocess.run(['nosuchprogram'])
except FileNotFoundError as error: print(error)
#: subprocess: a Python of its own
import subprocess, sys
print(subprocess.run([sys.executable, '-c', 'import sys; print(sys.argv, sys.path[0], __name__)', 'x'], capture_output=True, text=True))
#: subprocess: -m, -I, -S, -X
import subprocess, sys
for words in (['-m', 'this'], ['-I', '-c', 'import sys; print(sys.flags.isolated)'], ['-S', '-c', 'import sys; print("site" in sys.modules)'], ['-X', 'utf8=0', '-c', 'import sys; print(sys._xoptions)'], ['-O', '-c', 'assert 0; print(__debug__)'], ['-V']):
    print(subprocess.run([sys.executable, *words], capture_output=True, text=True).stdout[:60])
#: subprocess: its own file again
import subprocess, sys
if len(sys.argv) > 1: print(sys.argv[1:], __name__); sys.exit(5)
print(subprocess.run([sys.executable, __file__, 'a', 'b'], capture_output=True, text=True).stdout, subprocess.run([sys.executable, '-i', __file__, 'x'], input='', capture_output=True, text=True).returncode)
#: subprocess: sessions, groups, preexec
import subprocess, os, sys
code = 'import os; print(os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid())'
for how in ({}, {'start_new_session': True}, {'process_group': 0}, {'preexec_fn': os.setsid}): print(subprocess.run([sys.executable, '-c', code], capture_output=True, **how).stdout)
#: subprocess: pipes of several programs
import subprocess
one = subprocess.Popen(['seq', '100000'], stdout=subprocess.PIPE); two = subprocess.Popen(['tail', '-n1'], stdin=one.stdout, stdout=subprocess.PIPE); one.stdout.close(); print(two.communicate(), one.wait())
#: os.system, os.popen, os.spawn, posix_spawn
import os
print(os.system('echo one; exit 3'), os.popen('echo two').read(), os.spawnlp(os.P_WAIT, 'true', 'true'), os.waitpid(os.posix_spawn('/bin/true', ['true'], os.environ), 0)[1])
#: an orphan gets another parent
import os, time
r, w = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        before = os.getppid(); time.sleep(0.3); os.write(w, str(os.getppid() != before).encode()); os._exit(0)
    time.sleep(0.1); os._exit(0)
os.wait(); os.close(w); print(os.read(r, 9))
#: a child left behind does not hold the end
import subprocess
subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); print('end')
#: a daemon by two forks that writes later
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.close(1); os.close(2); time.sleep(5)
    os._exit(0)
os.wait(); print('end')
#: vfork, clone and exec of C
import ctypes, os
libc = ctypes.CDLL(None)
print(libc.system(b'exit 3') >> 8, libc.getpid() == os.getpid())
#: ctypes: functions, callbacks, structures, errno
import ctypes, os
libc = ctypes.CDLL('libc.so.6', use_errno=True)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
a = (ctypes.c_int * 4)(3, 1, 2, 0); libc.qsort(a, 4, 4, compare); print(list(a))
libc.open(b'/no/such', 0); print(os.strerror(ctypes.get_errno()))
libc.printf(b'from C %d\n', 5); libc.fflush(None)
#: ctypes.util finds libraries {"run_timeout": 30}
import ctypes.util
print(ctypes.util.find_library('m'), ctypes.util.find_library('c'), ctypes.util.find_library('nosuch'))
#: output of C is written at the end, behind Python's
import ctypes
ctypes.CDLL(None).printf(b'from C\n'); print('from Python')
#: code that is compiled at run time {"run_timeout": 30}
import subprocess, ctypes
open('x.c', 'w').write('int six(int x) { return 6 * x; }')
print(subprocess.run(['gcc', '-shared', '-fPIC', 'x.c', '-o', 'x.so']).returncode, ctypes.CDLL('./x.so').six(7))
#: a program that it writes and runs
import os, subprocess
open('p', 'w').write('#!/bin/sh\necho mine $1\n'); os.chmod('p', 0o755); print(subprocess.run(['./p', 'x'], capture_output=True).stdout)
open('q.py', 'w').write(f'#!/usr/bin/env python3\nprint("other")\n'); os.chmod('q.py', 0o755); print(subprocess.run(['./q.py'], capture_output=True).stdout)
#: a memfd, and a program in it {"differsIn": ["lite by bwrap, a user", "lite by unshare, a user", "lite, warm, a user"]}
import os, subprocess
fd = os.memfd_create('x'); os.write(fd, open('/bin/echo', 'rb').read()); print(subprocess.run([f'/proc/self/fd/{fd}', 'from memory'], pass_fds=[fd], capture_output=True).stdout)
#: descriptors sent to a child
import os, socket
a, b = socket.socketpair()
pid = os.fork()
if pid == 0:
    open('f', 'w').write('sent'); socket.send_fds(a, [b'x'], [os.open('f', 0)]); os._exit(0)
message, fds, _, _ = socket.recv_fds(b, 9, 1); os.waitpid(pid, 0); print(message, os.read(fds[0], 9))
#: locks of files between processes
import fcntl, os
f = open('lock', 'w'); fcntl.lockf(f, fcntl.LOCK_EX)
pid = os.fork()
if pid == 0:
    try: fcntl.lockf(open('lock', 'w'), fcntl.LOCK_EX | fcntl.LOCK_NB); os._exit(1)
    except OSError: os._exit(0)
print(os.waitpid(pid, 0)[1])
#: inotify by ctypes
import ctypes, os
libc = ctypes.CDLL(None); fd = libc.inotify_init(); print(fd > 0, libc.inotify_add_watch(fd, b'.', 0x100)); open('new', 'w').close(); print(b'new' in os.read(fd, 4096))
#: a server of HTTP in a thread
import http.server, threading, urllib.request
s = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler); s.RequestHandlerClass.log_message = lambda *_: None
threading.Thread(target=s.serve_forever, daemon=True).start(); open('page', 'w').write('served')
print(urllib.request.urlopen(f'http://127.0.0.1:{s.server_port}/page').read())
#: IPv6's own address
import socket
s = socket.socket(socket.AF_INET6); s.bind(('::1', 0)); s.listen(); c = socket.create_connection(s.getsockname()[:2]); print(c.getpeername()[0])
#: UDP, broadcasts of its own, ports again
import socket
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); a.bind(('127.0.0.1', 0)); b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); b.sendto(b'x', a.getsockname()); print(a.recv(9))
#: an address that nobody listens at
import socket
try: socket.create_connection(('127.0.0.1', 1), 2)
except OSError as error: print(error)
#: a name that is not there
import socket
try: socket.getaddrinfo('nosuchhost.invalid', 80)
except socket.gaierror as error: print(error.errno in (-2, -3))
