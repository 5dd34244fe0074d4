#: its command line
import sys
words = open('/proc/self/cmdline').read().split('\0')
print(len(words), words[1] == __file__, words[0].rpartition('/')[2], sys.argv == [__file__], sys.orig_argv[1:] == [__file__], len(sys.orig_argv))
#: its executable
import sys, os
print(sys.executable, sys._base_executable, os.readlink('/proc/self/exe'), os.path.realpath(sys.executable) == os.readlink('/proc/self/exe'))
#: the tool by its name
import shutil, subprocess, sys
print(shutil.which('python3'), subprocess.run(['python3', '-c', 'import sys; print(sys.version_info[:2])'], capture_output=True).stdout)
#: its name
print(open('/proc/self/comm').read(), open('/proc/self/stat').read().split()[1])
#: its state, group, session, terminal
import os
fields = open('/proc/self/stat').read().rpartition(')')[2].split()
print(fields[0], int(fields[1]) == os.getppid(), int(fields[2]) == os.getpid(), int(fields[3]) == os.getpid(), fields[4:6], fields[15:18])
#: its flags and its faults {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
fields = open('/proc/self/stat').read().rpartition(')')[2].split()
print(int(fields[6]) & ~0x400100, int(fields[8]) == 0, int(fields[9]) < 3000)
#: when it began
import os, time
fields = open('/proc/self/stat').read().rpartition(')')[2].split()
age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf('SC_CLK_TCK')
print(-0.02 < age < 5)
#: its environment in /proc
import os
here = dict(each.split(b'=', 1) for each in open('/proc/self/environ', 'rb').read().split(b'\0') if each)
print(here == dict(os.environb) , sorted(here) == sorted(os.environb))
#: its environment
import os
print({name: os.environ[name] for name in ('LANG', 'SHLVL', 'PATH')}, [name for name in os.environ if name.startswith(('PYTHON', 'LD_', 'LC_', 'XDG_', 'SSH', 'USER', 'LOGNAME', 'TERM', '_'))])
#: a changed environment reaches children
import os, subprocess
os.environ['MINE'] = 'é'; os.putenv('OTHER', 'x'); del os.environ['LANG']
print(subprocess.run(['sh', '-c', 'echo $MINE $OTHER $LANG'], capture_output=True).stdout)
#: the environment of C
import ctypes, os
libc = ctypes.CDLL(None); libc.getenv.restype = ctypes.c_char_p
print(libc.getenv(b'LANG'), libc.getenv(b'PYTHONPATH'), os.getenv('LANG'))
#: status: threads, capabilities, privileges {"differsIn": ["none, root"]}
import os
status = dict(line.split(':\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\t' in line)
print(status['Name'], status['State'], status['Umask'], status['TracerPid'], status['Threads'], status['NoNewPrivs'], status['CapEff'], status['CapPrm'], status['CapInh'], status['CapAmb'], status['Pid'] == str(os.getpid()), status['Tgid'] == status['Pid'])
#: its parent
import os
print(os.getppid() != os.getpid())
if os.fork() == 0:
    print(os.path.exists(f"/proc/{os.getppid()}"), flush=True)
    os._exit(0)
os.wait()
#: it has no children and is nobody's tracer
import os
try: os.waitpid(-1, os.WNOHANG)
except ChildProcessError as error: print(error)
#: its maps
maps = open('/proc/self/maps').read().splitlines()
files = {line.split(None, 5)[5] for line in maps if len(line.split(None, 5)) == 6}
print(sorted(name for name in files if name.startswith('/') and '.so' not in name), sorted(name for name in files if name.startswith('[')))
#: libraries it has loaded {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import re
print(sorted(set(re.findall(r'/([^/\s]+\.so[^\s/]*)$', open('/proc/self/maps').read(), re.M))))
#: libraries it loads by an import {"differsIn": ["lite, warm, root", "lite, warm, a user"]}
import re
names = lambda: set(re.findall(r'/([^/\s]+\.so[^\s/]*)$', open('/proc/self/maps').read(), re.M))
before = names()
import _ctypes, _decimal, _json, _bz2, _lzma, _sqlite3, _hashlib
print(sorted(names() - before))
#: its descriptors
import os
print(sorted(os.listdir('/proc/self/fd'), key=int), [os.get_inheritable(fd) for fd in (0, 1, 2)])
#: the next descriptor
import os
print(os.open('/dev/null', 0), os.dup(1), os.pipe(), os.memfd_create('x') if 0 else '', open(__file__).fileno())
#: a socket, an epoll, an eventfd
import socket, select, os
s = socket.socket(); e = select.epoll(); v = os.eventfd(0)
print(s.fileno(), e.fileno(), v)
#: the most descriptors
import os
held = []
try:
    while True: held.append(os.open('/dev/null', 0))
except OSError as error: print(error.errno, len(held) > 200)
#: descriptors that children get
import os, subprocess
fd = os.open('/dev/null', 0); os.set_inheritable(fd, True)
print(subprocess.run(['ls', '/proc/self/fd'], capture_output=True).stdout, subprocess.run(['ls', '/proc/self/fd'], capture_output=True, close_fds=False).stdout)
#: its limits
import resource
same = [getattr(resource, name) for name in ('RLIMIT_CORE', 'RLIMIT_DATA', 'RLIMIT_AS', 'RLIMIT_STACK', 'RLIMIT_RSS')]
print([resource.getrlimit(each)[0] for each in same[1:3] + same[4:]], resource.getrlimit(resource.RLIMIT_STACK)[0] >> 20)
#: its priority
import os
print(os.nice(0), os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)
#: it may be nicer
import os
print(os.nice(5), os.getpriority(os.PRIO_PROCESS, 0))
#: on which CPUs it may run
import os, multiprocessing
print(len(os.sched_getaffinity(0)), os.cpu_count(), multiprocessing.cpu_count(), os.sysconf('SC_NPROCESSORS_ONLN'), os.sysconf('SC_NPROCESSORS_CONF'), len(os.getloadavg()))
#: it may pin itself
import os
one = {min(os.sched_getaffinity(0))}
os.sched_setaffinity(0, one); print(os.sched_getaffinity(0) == one)
#: the machine's memory
import os
print(os.sysconf('SC_PAGE_SIZE'), os.sysconf('SC_PHYS_PAGES') > 0, 'MemTotal' in open('/proc/meminfo').read(), os.sysconf('SC_CLK_TCK'), os.sysconf('SC_OPEN_MAX') > 200)
#: facts of the CPU
import platform
print(platform.machine(), platform.architecture(), 'processor' in open('/proc/cpuinfo').read(), platform.libc_ver(), platform.system(), platform.python_implementation(), platform.processor())
#: the folder it works in
import os
print(os.getcwd() == os.path.dirname(__file__), os.listdir('.') == [os.path.basename(__file__)], oct(os.stat('.').st_mode), os.access('.', os.W_OK))
#: a folder of its own to work in
import os
os.mkdir('d'); os.chdir('d'); print(os.getcwd().endswith('/d'), os.path.exists('../' + os.path.basename(__file__)), os.path.exists(__file__))
#: its folder removed under it
import os, shutil
shutil.rmtree(os.getcwd())
try: os.getcwd()
except FileNotFoundError as error: print(error)
#: the umask
import os
old = os.umask(0o077); print(oct(old)); open('f', 'w').close(); print(oct(os.stat('f').st_mode))
#: the mode and owner of its file
import os, stat
found = os.stat(__file__)
print(stat.filemode(found.st_mode), found.st_uid == os.getuid(), found.st_size, found.st_nlink)
#: its file is as old as the run
import os, time
print(abs(os.stat(__file__).st_mtime - time.time()) < 30)
#: users and groups
import os, pwd, grp
print(os.getresuid()[0] == os.getuid(), os.getresgid()[0] == os.getgid(), pwd.getpwnam('root').pw_dir, grp.getgrgid(0).gr_name)
#: capabilities are none {"differsIn": ["none, root"]}
import os
for act in (lambda: os.chown(__file__, 1234, 1234), lambda: os.setuid(1234), lambda: os.mknod('dev', 0o20600, os.makedev(1, 3)), lambda: os.nice(-5), lambda: os.chroot('.'), lambda: os.sethostname('x') if hasattr(os, 'sethostname') else __import__('socket').sethostname('x')):
    try: act(); print('may')
    except OSError as error: print('may not')
#: prctl: name, dumpable, death signal
import ctypes
libc = ctypes.CDLL(None)
n = ctypes.c_int()
libc.prctl(2, ctypes.byref(n)); print(n.value, libc.prctl(3), libc.prctl(39), libc.prctl(7), libc.prctl(27))
#: a name of its own by prctl
import ctypes
libc = ctypes.CDLL(None); libc.prctl(15, b'renamed', 0, 0, 0)
print(open('/proc/self/comm').read())
#: getrusage: what it used
import resource, os
used = resource.getrusage(resource.RUSAGE_SELF)
print(0 < used.ru_utime + used.ru_stime < 2, used.ru_minflt < 5000, used.ru_nswap, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, used.ru_maxrss < 40000)
#: times and clocks of its own
import time, os
print(0 < time.process_time() < 2, 0 < time.thread_time() < 2, os.times().children_user, time.perf_counter() > 0, abs(time.time() - time.time_ns() / 1e9) < 1, time.get_clock_info('process_time'))
#: what a child used
import os, resource, subprocess
subprocess.run(['sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > 0, os.times().children_user >= 0)
#: monotonic clocks agree with the machine's start
import time
print(time.monotonic() > 0, time.clock_gettime(time.CLOCK_BOOTTIME) >= time.monotonic() - 1, time.clock_getres(time.CLOCK_MONOTONIC), abs(float(open('/proc/uptime').read().split()[0]) - time.clock_gettime(time.CLOCK_BOOTTIME)) < 2)
#: time zones
import time, datetime, os
print(time.tzname, time.timezone, datetime.datetime(2020, 6, 1).astimezone().isoformat())
os.environ['TZ'] = 'America/New_York'; time.tzset(); print(time.tzname, datetime.datetime.fromtimestamp(0).isoformat())
#: zones by name
import zoneinfo, datetime
print(datetime.datetime(2020, 6, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')).isoformat())
#: the locale
import locale, time, sys, codecs
print(locale.getlocale(), locale.setlocale(locale.LC_ALL), locale.getpreferredencoding(), locale.localeconv()['decimal_point'], sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.getfilesystemencodeerrors(), sys.flags.utf8_mode, time.strftime('%A %x', time.gmtime(0)))
#: locales that it sets
import locale
for name in ('C', 'C.UTF-8', 'en_US.UTF-8', ''):
    try: print(name, locale.setlocale(locale.LC_ALL, name))
    except locale.Error as error: print(name, error)
#: flags of the interpreter
import sys
print(sys.flags, sys._xoptions, sys.warnoptions, sys.float_info.dig, sys.api_version, sys.hexversion)
#: its host
import socket, os, platform
print(socket.gethostname() == os.uname().nodename == platform.node(), os.uname().sysname, os.uname().machine, os.uname().release == platform.release())
#: temporary files
import tempfile, os
with tempfile.NamedTemporaryFile('w+') as f:
    f.write('x'); f.seek(0); print(f.read(), oct(os.stat(f.name).st_mode), os.path.dirname(f.name) == tempfile.gettempdir())
d = tempfile.mkdtemp(); print(oct(os.stat(d).st_mode), os.path.isdir(d)); os.rmdir(d)
with tempfile.SpooledTemporaryFile() as f: f.write(b'y'); f.rollover(); print(f.fileno() > 2)
#: a file without a name
import os
fd = os.open('/tmp', os.O_TMPFILE | os.O_RDWR); os.write(fd, b'x'); print(os.fstat(fd).st_nlink)
#: its home
import os, pathlib
print(pathlib.Path.home() == pathlib.Path(os.environ['HOME']), os.path.expanduser('~root'))
#: the shell it finds
import os, shutil
print([shutil.which(name) for name in ('sh', 'bash', 'ls', 'cat', 'gcc', 'nosuch')], os.get_exec_path(), os.confstr('CS_PATH'))
#: standard devices
import os, stat
for name in ('null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'stdin', 'stdout', 'stderr', 'fd', 'shm', 'pts'):
    found = os.lstat(f'/dev/{name}'); print(name, stat.S_IFMT(os.stat(f'/dev/{name}').st_mode) if name not in ('stdin', 'stdout', 'stderr') else '', os.access(f'/dev/{name}', os.R_OK))
open('/dev/null', 'w').write('x'); print(open('/dev/zero', 'rb').read(3), len(open('/dev/urandom', 'rb').read(3)))
try: open('/dev/full', 'w').write('x')
except OSError as error: print(error)
#: shared memory's folder
import os
os.close(os.open('/dev/shm/mine', os.O_CREAT | os.O_RDWR)); print(os.path.exists('/dev/shm/mine'), os.path.islink('/dev/shm'), oct(os.stat('/dev/shm').st_mode), os.path.ismount('/dev/shm')); os.unlink('/dev/shm/mine')
#: files of the system that programs read
import os
for path in ('/etc/passwd', '/etc/group', '/etc/hosts', '/etc/os-release', '/etc/resolv.conf', '/etc/nsswitch.conf', '/proc/cpuinfo', '/proc/meminfo', '/proc/stat', '/proc/loadavg', '/proc/version', '/proc/filesystems', '/proc/self/mounts', '/proc/self/mountinfo', '/proc/self/cgroup', '/proc/self/limits', '/proc/self/io', '/proc/self/oom_score', '/proc/self/sched', '/proc/self/schedstat', '/proc/self/wchan', '/proc/self/loginuid', '/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max', '/sys/devices/system/cpu/online', '/sys/devices/system/cpu/possible', '/sys/devices/system/node/online'):
    try: open(path).read(100); print(path, 'read')
    except OSError as error: print(path, type(error).__name__, os.path.lexists(path))
