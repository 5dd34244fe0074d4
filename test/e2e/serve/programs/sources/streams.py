#: what the streams are
import sys
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(type(stream).__name__, stream.name, stream.mode, stream.encoding, stream.errors, stream.newlines, stream.line_buffering, stream.write_through, stream.fileno(), stream.isatty(), stream.closed, type(stream.buffer).__name__, type(stream.buffer.raw).__name__)
#: what the streams are, with input {"stdin": "a"}
import sys
print(sys.stdin, sys.stdout, sys.stderr)
print(sys.stdin.buffer, sys.stdout.buffer.raw.closefd, sys.stdout.buffer.raw.mode, sys.stdin.buffer.raw.mode)
#: the streams are the first ones
import sys
print(sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__)
#: seekable, readable, writable {"stdin": "a"}
import sys
print([(stream.seekable(), stream.readable(), stream.writable()) for stream in (sys.stdin, sys.stdout, sys.stderr)])
#: input from /dev/null
import sys
print(repr(sys.stdin.read()), sys.stdin.seekable())
#: input() at the end of input
print(input())
#: input() with a prompt {"stdin": "name\n"}
print('hello', input('who? '))
#: lines of input, then the rest {"stdin": "1 2\n3 4\nrest\nmore"}
import sys
print(list(map(int, input().split())), sys.stdin.readline(), sys.stdin.read())
#: input() and sys.stdin.buffer mixed {"stdin": "a\nb\nc\n"}
import sys
print(input(), sys.stdin.buffer.read())
#: os.read of descriptor 0 before the stream {"stdin": "abcdef"}
import os, sys
print(os.read(0, 3), sys.stdin.read())
#: open(0) {"stdin": "1\n2\n3\n"}
print(sum(map(int, open(0))))
#: open(0) twice {"stdin": "1\n2\n"}
print(open(0, closefd=False).read(), repr(open(0).read()))
#: sys.stdin replaced by StringIO {"stdin": "x"}
import sys, io
sys.stdin = io.StringIO('y\nz\n')
print(input(), input(), sys.__stdin__.read())
#: sys.stdin opened again as bytes {"stdin": "äöü\n"}
import sys, io
sys.stdin = io.TextIOWrapper(sys.stdin.buffer, encoding='latin-1')
print(len(input()))
#: stdin opened again by its name {"stdin": "one\ntwo\n"}
import sys
sys.stdin = open('/dev/stdin')
print(input(), input())
#: stdin from a file of its own
import sys, os
open('in.txt', 'w').write('5 6\n')
os.dup2(os.open('in.txt', os.O_RDONLY), 0)
print(sum(map(int, input().split())))
#: stdin is closed, then read {"stdin": "x"}
import sys
sys.stdin.close()
try: input()
except ValueError as error: print(error)
#: stdin that is not UTF-8 is not text {"files": {"in": "/w=="}}
import sys, os
os.dup2(os.open('in', os.O_RDONLY), 0)
print(repr(sys.stdin.read()))
#: fast input and output {"stdin": "3\n1 2 3\n"}
import sys, io, os
input = io.BytesIO(os.read(0, os.fstat(0).st_size or 1 << 16)).readline
n = int(input()); print(n, sum(map(int, input().split())))
#: fast output of an atexit wrapper {"stdin": "1\n"}
import sys, atexit, io
_out = io.StringIO()
sys.stdout = _out
@atexit.register
def write(): sys.__stdout__.write(_out.getvalue())
print(input())
#: a class that wraps the descriptors {"stdin": "2\n4 5\n"}
import os, sys
from io import BytesIO, IOBase
class FastIO(IOBase):
    newlines = 0
    def __init__(self, file):
        self._fd = file.fileno()
        self.buffer = BytesIO()
        self.writable = 'x' in file.mode or 'r' not in file.mode
        self.write = self.buffer.write if self.writable else None
    def read(self):
        while True:
            b = os.read(self._fd, max(os.fstat(self._fd).st_size, 8192))
            if not b: break
            ptr = self.buffer.tell()
            self.buffer.seek(0, 2), self.buffer.write(b), self.buffer.seek(ptr)
        self.newlines = 0
        return self.buffer.read()
    def readline(self):
        while self.newlines == 0:
            b = os.read(self._fd, max(os.fstat(self._fd).st_size, 8192))
            self.newlines = b.count(b'\n') + (not b)
            ptr = self.buffer.tell()
            self.buffer.seek(0, 2), self.buffer.write(b), self.buffer.seek(ptr)
        self.newlines -= 1
        return self.buffer.readline()
    def flush(self):
        if self.writable:
            os.write(self._fd, self.buffer.getvalue())
            self.buffer.truncate(0), self.buffer.seek(0)
class IOWrapper(IOBase):
    def __init__(self, file):
        self.buffer = FastIO(file)
        self.flush = self.buffer.flush
        self.writable = self.buffer.writable
        self.write = lambda s: self.buffer.write(s.encode('ascii'))
        self.read = lambda: self.buffer.read().decode('ascii')
        self.readline = lambda: self.buffer.readline().decode('ascii')
sys.stdin, sys.stdout = IOWrapper(sys.stdin), IOWrapper(sys.stdout)
input = lambda: sys.stdin.readline().rstrip('\r\n')
n = int(input())
sys.stdout.write(str(n + sum(map(int, input().split()))))
#: stdout is buffered until the end
import os, sys
sys.stdout.write('second')
os.write(1, b'first ')
#: stderr is not buffered, and comes line by line
import os, sys
sys.stderr.write('first ')
os.write(2, b'second')
#: print of flush
import os
print('first', flush=True)
os.write(1, b'second')
#: reconfigure
import sys
sys.stdout.reconfigure(encoding='latin-1', newline='\r\n', line_buffering=True)
print('é')
#: characters that cannot be encoded
import sys
print('\ud800')
#: characters that are escaped on stderr
import sys
print('\ud800é', file=sys.stderr)
#: bytes on stdout
import sys
sys.stdout.buffer.write(bytes(range(256)))
#: stdout is closed at the end
import sys
print('before')
sys.stdout.close()
#: print after stdout is closed
import sys
sys.stdout.close()
print('lost')
#: descriptor 1 closed under the stream
import os
print('lost')
os.close(1)
#: stdout replaced and never put back
import sys, io
sys.stdout = io.StringIO()
print('lost')
#: redirect_stdout
import contextlib, io
buffer = io.StringIO()
with contextlib.redirect_stdout(buffer): print('kept')
print(repr(buffer.getvalue()))
#: stdout into a file, and back
import os, sys
sys.stdout.flush()
saved = os.dup(1)
os.dup2(os.open('out', os.O_CREAT | os.O_WRONLY), 1)
print('to the file', flush=True)
os.dup2(saved, 1)
print(open('out').read())
#: stdout by another buffer
import sys
sys.stdout = open(1, 'w', buffering=1, closefd=False)
print('by line')
sys.stdout = open(sys.stdout.fileno(), 'wb', 0, closefd=False)
sys.stdout.write(b'raw')
#: a write into a pipe whose reader is gone
import os
r, w = os.pipe()
os.close(r)
os.write(w, b'x')
#: print into a pipe whose reader is gone
import os, sys
r, w = os.pipe()
os.close(r)
os.dup2(w, 1)
print('x')
#: sizes of the buffers
import io, sys, os
print(io.DEFAULT_BUFFER_SIZE, os.fstat(1).st_blksize, sys.stdout._CHUNK_SIZE)
#: interleaved writes of both streams
import sys
for i in range(5):
    print('out', i)
    print('err', i, file=sys.stderr)
#: logging goes to stderr
import logging
logging.warning('warned')
logging.getLogger('a.b').error('error %d', 3)
#: logging set up by basicConfig
import logging, sys
logging.basicConfig(level=logging.DEBUG, format='%(levelname)s:%(name)s:%(process)d:%(threadName)s:%(message)s'.replace('%(process)d', '0'), stream=sys.stdout)
logging.info('told')
#: a warning once
import warnings
for _ in range(3): warnings.warn('once')
warnings.warn('other', DeprecationWarning)
#: warnings as errors
import warnings
warnings.simplefilter('error')
try: warnings.warn('x')
except UserWarning as error: print('raised', error)
#: the warning filters
import warnings, sys
print(warnings.filters, warnings.onceregistry, sys.warnoptions, '__warningregistry__' in globals())
#: print of megabytes by many writes {"stdin": ""}
for i in range(200000): print(i)
#: a line of a megabyte {"run_timeout": 30}
print('y' * 1000000, end='')
#: os.write may write a part
import os
print(os.write(1, b'z' * 200000) > 0)
#: writev and sendfile to stdout
import os
os.writev(1, [b'a', b'b', b'c'])
open('f', 'w').write('sent')
os.sendfile(1, os.open('f', os.O_RDONLY), 0, 4)
#: splice and tee {"stdin": "spliced"}
import os
print(os.splice(0, 1, 7))
#: how many bytes wait {"stdin": "12345"}
import fcntl, termios, struct, select
print(struct.unpack('i', fcntl.ioctl(0, termios.FIONREAD, b'0000')), select.select([0], [], [], 1)[0])
#: the size of the pipes {"stdin": "x"}
import fcntl
print([fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ) for fd in (0, 1, 2)], [oct(fcntl.fcntl(fd, fcntl.F_GETFL) & ~0o100000) for fd in (0, 1, 2)])
#: a terminal is asked for its size
import os, shutil
print(shutil.get_terminal_size())
try: os.get_terminal_size()
except OSError as error: print(error)
#: getpass without a terminal {"stdin": "secret\n"}
import getpass
print(getpass.getpass(''))
#: /dev/tty cannot be opened
open('/dev/tty')
#: curses without a terminal
import curses
curses.initscr()
#: fileinput and a module's main {"stdin": "a\nb\n"}
import fileinput
for line in fileinput.input(): print(fileinput.lineno(), fileinput.filename(), line, end='')
#: stdin read by a child {"stdin": "first\nsecond\n"}
import subprocess
print(subprocess.run(['head', '-n', '1'], capture_output=True).stdout)
#: stdin shared with a child {"stdin": "line\n"}
import subprocess, sys
subprocess.run([sys.executable, '-c', 'print(input())'])
#: stdin as an iterator in a thread {"stdin": "1\n2\n3\n"}
import sys, threading
total = []
thread = threading.Thread(target=lambda: total.extend(map(int, sys.stdin)))
thread.start(); thread.join()
print(total)
#: readline, readlines, iteration {"stdin": "a\r\nb\rc\n"}
import sys
print([sys.stdin.readline(), sys.stdin.readlines(), sys.stdin.newlines])
#: a NUL and control characters in input {"stdin": "a\u0000b\u0007\u001b[0m\n"}
print(repr(input()))
#: input beyond the basic plane {"stdin": "😀é漢\n"}
s = input()
print(s, len(s), s.encode())
