#: the handler of each signal
import signal
print([(s.name, str(signal.getsignal(s))) for s in signal.Signals if 'default_int_handler' not in str(signal.getsignal(s))])
#: what is blocked, ignored, caught, pending
print([line for line in open('/proc/self/status').read().splitlines() if line.startswith(('Sig', 'Shd')) and not line.startswith('SigQ')])
#: the mask of signals
import signal
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigpending())
#: valid signals
import signal
print(len(signal.valid_signals()), signal.SIGRTMIN, signal.SIGRTMAX, signal.NSIG, signal.strsignal(11))
#: SIGPIPE with the default action
import os, signal
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
r, w = os.pipe(); os.close(r); os.write(w, b'x')
#: SIGPIPE is restored in children of subprocess
import subprocess
print(subprocess.run(['sh', '-c', 'trap - PIPE; grep SigIgn /proc/self/status'], capture_output=True).stdout, subprocess.run(['grep', 'SigIgn', '/proc/self/status'], restore_signals=False, capture_output=True).stdout)
#: SIGPIPE is ignored in children of os.fork
import os, signal
if os.fork() == 0: print(signal.getsignal(signal.SIGPIPE), flush=True); os._exit(0)
os.wait()
#: SIGINT is ignored by a background command
import subprocess
print(subprocess.run(['sh', '-c', 'sh -c "grep SigIgn /proc/self/status" & wait'], capture_output=True).stdout)
#: a handler that raises
import signal, os
def handler(*_): raise TimeoutError('late')
signal.signal(signal.SIGUSR1, handler)
try: os.kill(os.getpid(), signal.SIGUSR1)
except TimeoutError as error: print(error)
#: signal.alarm as a time limit
import signal
class Late(Exception): pass
def handler(*_): raise Late
signal.signal(signal.SIGALRM, handler); signal.alarm(1)
try:
    while True: pass
except Late: print('late')
#: signal.alarm interrupts a sleep
import signal, time
signal.signal(signal.SIGALRM, lambda *_: print('rang'))
signal.alarm(1); time.sleep(1.2); print('slept')
#: signal.alarm interrupts input
import signal, os
r, w = os.pipe(); os.dup2(r, 0)
def handler(*_): raise TimeoutError
signal.signal(signal.SIGALRM, handler); signal.setitimer(signal.ITIMER_REAL, 0.2)
try: input()
except TimeoutError: print('no input')
#: the rest of an alarm
import signal
signal.alarm(100); print(signal.alarm(0), signal.alarm(0), signal.getitimer(signal.ITIMER_REAL))
#: an alarm of an ended program
import signal
signal.alarm(1)
x = 0
while True: x += 1
#: the timer of CPU time
import signal
signal.signal(signal.SIGVTALRM, lambda *_: (print('CPU'), exit(0)))
signal.setitimer(signal.ITIMER_VIRTUAL, 0.1)
while True: pass
#: sigwait and sigtimedwait
import signal, os
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwait([signal.SIGUSR1]), signal.sigtimedwait([signal.SIGUSR1], 0.05))
#: who sent a signal
import signal, os
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
told = signal.sigwaitinfo([signal.SIGUSR1])
print(told.si_pid == os.getpid(), told.si_uid == os.getuid(), told.si_code)
#: a descriptor to wake up by
import signal, socket, os
a, b = socket.socketpair(); a.setblocking(False); b.setblocking(False)
print(signal.set_wakeup_fd(a.fileno()))
signal.signal(signal.SIGUSR1, lambda *_: None); os.kill(os.getpid(), signal.SIGUSR1)
print(b.recv(9))
#: siginterrupt
import signal
print(signal.siginterrupt(signal.SIGUSR1, True))
#: SIGCHLD when a child ends
import signal, os, time
signal.signal(signal.SIGCHLD, lambda *_: print('child'))
if os.fork() == 0: os._exit(0)
time.sleep(0.3); print(os.wait()[1])
#: SIGCHLD ignored: children leave nothing
import signal, os
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0: os._exit(0)
try: os.wait()
except ChildProcessError as error: print(error)
#: SIGSTOP and SIGCONT of a child
import os, signal
pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGSTOP); os._exit(4)
stopped = os.waitpid(pid, os.WUNTRACED)[1]
os.kill(pid, signal.SIGCONT)
print(os.WIFSTOPPED(stopped), os.WSTOPSIG(stopped), os.waitpid(pid, 0)[1] >> 8)
#: SIGTSTP and SIGTTOU without a job shell
import os, signal
pid = os.fork()
if pid == 0: os.kill(os.getpid(), signal.SIGTSTP); os._exit(3)
import time; time.sleep(0.2)
print(os.waitpid(pid, os.WNOHANG | os.WUNTRACED)[1])
os.kill(pid, signal.SIGKILL)
#: SIGHUP and SIGTERM end it
import os, signal
for s in (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2, signal.SIGXCPU):
    pid = os.fork()
    if pid == 0: signal.pause()
    os.kill(pid, s); print(os.waitpid(pid, 0)[1])
#: a signal to a thread
import signal, threading
signal.signal(signal.SIGUSR1, lambda *_: print(threading.current_thread() is threading.main_thread()))
signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
#: handlers only in the main thread
import signal, threading
def f():
    try: signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    except ValueError as error: print(error)
t = threading.Thread(target=f); t.start(); t.join()
#: faulthandler is off
import faulthandler
print(faulthandler.is_enabled())
#: faulthandler dumps the stack
import faulthandler, sys
def f(): faulthandler.dump_traceback(file=sys.stderr, all_threads=False)
f()
#: faulthandler after a while
import faulthandler, time
faulthandler.dump_traceback_later(0.2, exit=True); time.sleep(5)
#: faulthandler by a signal
import faulthandler, signal, os
faulthandler.register(signal.SIGUSR1, all_threads=False)
os.kill(os.getpid(), signal.SIGUSR1)
print('on')
#: faulthandler of SIGABRT
import faulthandler, os
faulthandler.enable(); os.abort()
#: a signal to what is not there
import os
try: os.kill(2 ** 22 - 1, 0)
except OSError as error: print(error)
#: a pidfd of itself
import os, signal
fd = os.pidfd_open(os.getpid())
signal.signal(signal.SIGUSR1, lambda *_: print('by pidfd'))
signal.pidfd_send_signal(fd, signal.SIGUSR1)
#: a pidfd of a child that ends
import os, select
pid = os.fork()
if pid == 0: os._exit(0)
fd = os.pidfd_open(pid)
print(select.select([fd], [], [], 5)[0] == [fd], os.waitid(os.P_PIDFD, fd, os.WEXITED).si_status)
