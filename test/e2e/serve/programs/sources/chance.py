#: a seeded generator
import random
random.seed(42)
print(random.random(), random.randint(1, 100), random.sample(range(100), 5), random.gauss(0, 1), random.getstate()[1][:3])
#: unseeded generators differ
import random
print(random.random() != random.random(), random.Random().random() != random.Random().random(), random.getstate()[2])
#: a child of fork has another state
import os, random
r, w = os.pipe()
if os.fork() == 0:
    os.write(w, repr(random.random()).encode()); os._exit(0)
os.wait()
print(os.read(r, 99) == repr(random.random()).encode())
#: a child of multiprocessing has a state of its own
import random, multiprocessing as mp
def f(q): q.put(random.random())
if __name__ == '__main__':
    random.seed(1)
    q = mp.Queue()
    p = mp.Process(target=f, args=(q,)); p.start(); print(q.get() == random.random()); p.join()
#: hash of text depends on the run, of numbers does not
print(hash(1), hash(1.5), hash((1, 2)), hash(None) == hash(None), hash(-1), hash(2**61 - 1), hash(float('inf')), hash('') == 0)
#: hash seed
import sys, os
print(sys.flags.hash_randomization, 'PYTHONHASHSEED' in os.environ, sys.hash_info)
#: two interpreters have two hash seeds
import subprocess, sys
ask = lambda: subprocess.run([sys.executable, '-c', 'print(hash("a"))'], capture_output=True).stdout
print(len({ask() for _ in range(4)}), int(ask()) == hash('a'))
#: a child of fork has the same hash seed
import os
r, w = os.pipe()
if os.fork() == 0:
    os.write(w, str(hash('a')).encode()); os._exit(0)
print(int(os.read(r, 99)) == hash('a'))
#: sets of small numbers are in order, dicts in theirs
print({3, 1, 2}, set(range(20, 0, -1)), {'b': 1, 'a': 2}, set([8, 0, 16]), frozenset([5, 4]))
#: uuids
import uuid
a, b = uuid.uuid4(), uuid.uuid4()
print(a != b, a.version, uuid.uuid5(uuid.NAMESPACE_DNS, 'x'), uuid.uuid1().version, uuid.uuid1() != uuid.uuid1())
#: secrets and urandom
import secrets, os
print(len({secrets.token_hex(16) for _ in range(100)}), len({os.urandom(8) for _ in range(100)}), len(os.getrandom(16)))
#: SystemRandom and shuffle with a seed
import random
r = random.Random(7); x = list(range(10)); r.shuffle(x)
print(x, random.SystemRandom().random() < 1, r.choices('abc', k=5))
#: temporary names
import tempfile
print(len({tempfile.mktemp() for _ in range(50)}), tempfile._name_sequence is not None, tempfile.gettempprefix())
#: id() of small objects
print(id(1) == id(1), id('a') == id('a'), id(257) == id(int('257')), (5).__hash__(), id(None) == id(None), id([]) == id([]))
#: addresses of objects are not the same in two children
import subprocess, sys
ask = lambda: subprocess.run([sys.executable, '-c', 'print(id(object()))'], capture_output=True).stdout
print(len({ask() for _ in range(5)}) > 1)
#: addresses are randomised
import re
maps = open('/proc/self/maps').read()
print(open('/proc/sys/kernel/randomize_va_space').read().strip(), '[stack]' in maps, '[heap]' in maps, '[vdso]' in maps)
#: AT_RANDOM and the auxiliary vector
import struct
vector = open('/proc/self/auxv', 'rb').read()
pairs = dict(struct.unpack_from('NN', vector, at) for at in range(0, len(vector), 16))
print(sorted(pairs), pairs[6], pairs[11], pairs[23])
#: random of the math libraries
import random, hashlib, zlib
print(hashlib.sha256(b'x').hexdigest()[:16], zlib.crc32(b'x'), random.Random('text').random(), random.Random(b'bytes').random())
#: default arguments of set order across types
print(sorted({1: 'a', 'b': 2}.items(), key=str), list(dict.fromkeys('hello')), len(set('abcdef')))
#: the random generator of C
import ctypes
libc = ctypes.CDLL(None)
print(libc.rand(), libc.rand(), libc.random())
libc.srand(5); print(libc.rand())
#: numpy's legacy state {"run_timeout": 60}
try:
    import numpy as np
    np.random.seed(3); print(np.random.rand(2), np.random.default_rng(1).random())
    print(np.random.get_state()[0])
except ImportError as error: print(error)
#: numpy unseeded {"run_timeout": 60}
try:
    import numpy as np
    a = np.random.rand(); import os
    print(a != np.random.rand(), np.random.randint(0, 10**9) != np.random.randint(0, 10**9))
except ImportError as error: print(error)
