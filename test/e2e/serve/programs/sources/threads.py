#: the main thread
import threading, os
t = threading.main_thread()
print(t.name, t.native_id == os.getpid(), threading.get_native_id() == os.getpid(), threading.get_ident() == t.ident, t.daemon, t is threading.current_thread(), threading.active_count(), threading.enumerate() == [t])
#: the names of threads
import threading
threads = [threading.Thread(target=int) for _ in range(3)]
print([t.name for t in threads], repr(threading.main_thread()).split()[0])
#: a timer's and a pool's names
import threading, concurrent.futures as cf
print(threading.Timer(1, int).name)
with cf.ThreadPoolExecutor(2) as pool: print(pool.submit(lambda: threading.current_thread().name).result())
#: a dummy thread
import _thread, threading, time
_thread.start_new_thread(lambda: print(threading.current_thread().name, threading.current_thread().daemon), ())
time.sleep(0.3)
#: frames of all threads
import sys, threading
print(len(sys._current_frames()), threading.get_ident() in sys._current_frames(), len(sys._current_exceptions()))
#: /proc/self/task
import os, threading
print(len(os.listdir('/proc/self/task')) == 1, os.listdir('/proc/self/task') == [str(os.getpid())])
event = threading.Event(); t = threading.Thread(target=event.wait); t.start()
print(len(os.listdir('/proc/self/task')), os.path.exists(f'/proc/self/task/{t.native_id}')); event.set(); t.join()
#: the default size of a thread's stack
import threading
print(threading.stack_size())
threading.stack_size(1 << 20); print(threading.stack_size(), threading.stack_size(0))
#: the real size of a thread's stack
import ctypes, threading
libc = ctypes.CDLL(None)
def size():
    attr = ctypes.create_string_buffer(64)
    libc.pthread_getattr_np(ctypes.c_void_p(libc.pthread_self()) if 0 else ctypes.c_ulong(threading.get_ident()), attr)
    n = ctypes.c_size_t(); libc.pthread_attr_getstacksize(attr, ctypes.byref(n)); return n.value >> 20
t = threading.Thread(target=lambda: print(size())); t.start(); t.join()
#: the stack of the main thread
import ctypes, threading
libc = ctypes.CDLL(None)
attr = ctypes.create_string_buffer(64); libc.pthread_getattr_np(ctypes.c_ulong(threading.get_ident()), attr)
n = ctypes.c_size_t(); libc.pthread_attr_getstacksize(attr, ctypes.byref(n)); print(n.value >> 20 in (7, 8))
#: deep recursion in a thread of 512 MB
import sys, threading
threading.stack_size(512 * 1024 * 1024); sys.setrecursionlimit(10 ** 7)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
t = threading.Thread(target=lambda: print(f(200000))); t.start(); t.join()
#: deep recursion in a thread of 128 MB, by sorted
import sys, threading
threading.stack_size(2 ** 27); sys.setrecursionlimit(10 ** 6)
def f(n): return 0 if n == 0 else sorted([n], key=lambda _: f(n - 1))[0]
t = threading.Thread(target=lambda: print(f(10000))); t.start(); t.join()
#: a stack that is too large
import threading
try: threading.stack_size(2 ** 63)
except (ValueError, OverflowError) as error: print(error)
#: deep recursion of the main thread, by sorted
import sys
sys.setrecursionlimit(10 ** 6)
def f(n): return 0 if n == 0 else sorted([n], key=lambda _: f(n - 1))[0]
print(f(8000))
#: 200 threads
import threading
event, done = threading.Event(), []
threads = [threading.Thread(target=lambda: (event.wait(), done.append(1))) for _ in range(200)]
[t.start() for t in threads]; event.set(); [t.join() for t in threads]
print(len(done))
#: thread-local data, locks, conditions
import threading, queue
local = threading.local(); local.x = 1
def f(q): q.put(hasattr(local, 'x'))
q = queue.Queue(); t = threading.Thread(target=f, args=(q,)); t.start(); print(q.get()); t.join()
print(threading.Lock(), threading.RLock()) if 0 else print(type(threading.Lock()), threading.TIMEOUT_MAX)
#: fork in a thread, and fork with threads
import os, threading, time
t = threading.Thread(target=time.sleep, args=(0.3,)); t.start()
pid = os.fork()
if pid == 0: print('child', threading.active_count(), flush=True); os._exit(0)
os.waitpid(pid, 0); t.join(); print('parent')
#: os.register_at_fork
import os
os.register_at_fork(before=lambda: print('before', flush=True), after_in_parent=lambda: print('parent', flush=True), after_in_child=lambda: print('child', flush=True))
pid = os.fork()
if pid == 0: os._exit(0)
os.waitpid(pid, 0)
#: threads of the kernel by name
import threading
def f(): print(open(f'/proc/self/task/{threading.get_native_id()}/comm').read())
t = threading.Thread(target=f, name='named'); t.start(); t.join()
#: a lock that a fork takes over
import os, threading
lock = threading.Lock(); lock.acquire()
pid = os.fork()
if pid == 0: print(lock.locked(), flush=True); os._exit(0)
os.waitpid(pid, 0)
#: the switch interval and the lock of the interpreter
import sys, threading
n = 0
def f():
    global n
    for _ in range(100000): n += 1
t = [threading.Thread(target=f) for _ in range(4)]; [x.start() for x in t]; [x.join() for x in t]
print(n > 100000, sys.getswitchinterval(), sys.thread_info)
#: join at the end waits for all
import threading, time
for i in range(3): threading.Thread(target=lambda i=i: (time.sleep(0.1 * i), print(i))).start()
#: threading.Timer
import threading
t = threading.Timer(0.1, print, ['rang']); t.start(); t.join()
#: asyncio, to_thread and gather
import asyncio, threading
async def main():
    return await asyncio.gather(asyncio.to_thread(lambda: threading.current_thread().name), asyncio.sleep(0.01, 'slept'))
print(asyncio.run(main()))
#: no loop is running
import asyncio
try: asyncio.get_running_loop()
except RuntimeError as error: print(error)
print(type(asyncio.get_event_loop_policy()).__name__, type(asyncio.new_event_loop()).__name__)
#: asyncio with a server of its own
import asyncio
async def main():
    async def echo(reader, writer): writer.write((await reader.readline()).upper()); writer.close()
    server = await asyncio.start_server(echo, '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b'hello\n'); print(await reader.read()); server.close()
asyncio.run(main())
#: asyncio and signals
import asyncio, os, signal
async def main():
    event = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, event.set)
    os.kill(os.getpid(), signal.SIGUSR1); await event.wait(); print('came')
asyncio.run(main())
#: asyncio reads stdin and writes stdout {"stdin": "line\n"}
import asyncio, sys
async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(); await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    writer.write(await reader.readline()); await writer.drain()
asyncio.run(main())
#: asyncio child watchers
import asyncio
async def main():
    p = await asyncio.create_subprocess_shell('exit 3'); print(await p.wait())
    print(type(asyncio.get_child_watcher()).__name__)
asyncio.run(main())
#: an exception that no task's owner asks for
import asyncio
async def bad(): 1 / 0
async def main(): asyncio.create_task(bad()); await asyncio.sleep(0.01)
asyncio.run(main())
#: a coroutine that is never awaited
async def f(): pass
f()
print('on')
#: non-blocking stdout, 60000 bytes, then the end
import os, sys
os.set_blocking(1, False)
sys.stdout.write('x' * 60000)
