import type { ProgramCase, Subject } from './case.js';

const numpy = (name: string, code: string, more: Partial<ProgramCase> = {}): ProgramCase => ({
  name,
  language: 'python',
  code: `import numpy as np\n${code}`,
  run_timeout: 60,
  ...more,
});

/** What a program could notice of a numpy that was imported before it, in another process. */
export const NUMPY: Subject = [
  numpy(
    'arrays and linear algebra',
    `a = np.arange(12.0).reshape(3, 4)
print(a @ a.T, np.linalg.matrix_rank(a), np.linalg.det(a @ a.T + np.eye(3)).round(6))
print(np.linalg.solve(np.eye(2) * 3, [1, 2]), np.fft.fft([1, 2, 3, 4]), np.einsum("ij,kj->ik", a, a))
try: np.linalg.inv(np.zeros((2, 2)))
except np.linalg.LinAlgError as error: print(type(error), error)`,
  ),
  numpy(
    'warnings, each with its line',
    `print(np.array([1.0, 0]) / 0, np.int32(2**31 - 1) + np.int32(1), np.sqrt(-1), np.float32(1e38) * 10)
np.array([1e308]) * 10
np.mean([])`,
  ),
  numpy(
    'filters of warnings, as the import leaves them',
    `import warnings
print(warnings.filters, warnings.defaultaction, warnings._filters_version if hasattr(warnings, "_filters_version") else 0)
warnings.simplefilter("error")
try: np.array([1.0]) / 0
except RuntimeWarning as error: print("raised", error)`,
  ),
  numpy(
    'options of printing',
    `print(np.get_printoptions())
print(np.arange(2000), np.array([1 / 3, 1e-20]))
np.set_printoptions(precision=2, suppress=True)
print(np.array([1 / 3, 1e-20]))
with np.printoptions(threshold=3): print(np.arange(100))
print(np.array2string(np.eye(2), separator=", "), repr(np.float64(0.1)), str(np.bool_(True)))`,
  ),
  numpy(
    'what becomes of floating point errors',
    `print(np.geterr(), np.geterrcall(), np.getbufsize())
with np.errstate(all="raise"):
    try: np.float64(1) / np.float64(0)
    except FloatingPointError as error: print(error)
np.seterr(all="ignore"); print(np.array([1.0]) / 0)
np.seterrcall(lambda kind, flag: print("called", kind, flag)); np.seterr(divide="call"); np.array([1.0]) / 0
print(np.finfo(float).smallest_subnormal, 5e-324 / 2, np.float64(2.5).round(), np.rint([0.5, 1.5, 2.5]))`,
  ),
  numpy(
    'random numbers of a seed',
    `np.random.seed(1)
print(np.random.rand(3), np.random.randint(0, 100, 5), np.random.permutation(5), np.random.normal())
print(np.random.default_rng(7).random(3), np.random.RandomState(3).standard_normal(2))
print(np.random.Generator(np.random.PCG64(5)).integers(0, 9, 4), np.random.SeedSequence(9).generate_state(2))
state = np.random.get_state(); first = np.random.rand(); np.random.set_state(state); print(first == np.random.rand())`,
  ),
  numpy(
    'state of the random numbers before a seed',
    `kind, keys, position, *gauss = np.random.get_state()
print(kind, len(keys), position, gauss, len(set(keys.tolist())) > 600)
np.random.seed(None); print(np.random.get_state()[2:])
import random
random.seed(1); print(random.random()); np.random.seed(1); print(random.random())`,
  ),
  numpy(
    'large products, in several threads',
    `import threading
a = np.ones((400, 400))
print((a @ a).sum())
results = []
threads = [threading.Thread(target=lambda: results.append((a @ a).sum())) for _ in range(4)]
for each in threads: each.start()
for each in threads: each.join()
print(results, threading.active_count())`,
  ),
  numpy(
    'products in forks, before and after the first one of the program',
    `import os, sys
a = np.ones((400, 400))
def child(name):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        print(name, (a @ a).sum(), flush=True)
        os._exit(0)
    print(os.waitpid(pid, 0)[1])
child("before"); print((a @ a).sum()); child("after"); print((a @ a).sum())`,
  ),
  ...['fork', 'spawn', 'forkserver'].map((method) =>
    numpy(
      `a pool of processes, by ${method}`,
      `import multiprocessing
def product(n): return float((np.full((200, 200), n) @ np.ones((200, 200))).sum())
if __name__ == "__main__":
    np.random.seed(4)
    with multiprocessing.get_context("${method}").Pool(2) as pool: print(pool.map(product, range(6)))
    print(np.random.rand())`,
    ),
  ),
  numpy(
    'shared memory of processes as an array',
    `from multiprocessing import Process, shared_memory
shared = shared_memory.SharedMemory(create=True, size=800)
array = np.ndarray((100,), dtype=float, buffer=shared.buf); array[:] = 0
def fill(): array[:] += 3
process = Process(target=fill); process.start(); process.join()
print(array.sum()); del array; shared.close(); shared.unlink()`,
  ),
  numpy(
    'files: save, load, memmap, text',
    `import os
os.mkdir("own"); os.chdir("own")
np.save("a.npy", np.arange(5)); np.savez_compressed("b.npz", x=np.eye(2)); np.savetxt("c.txt", np.eye(2), fmt="%.1f")
print(np.load("a.npy"), np.load("b.npz")["x"], open("c.txt").read(), np.loadtxt("c.txt"))
m = np.memmap("d", dtype="int32", mode="w+", shape=(4,)); m[:] = 7; m.flush(); print(np.fromfile("d", dtype="int32"))
try: np.load("nothing.npy")
except FileNotFoundError as error: print(error)
print(sorted(os.listdir(".")), flush=True)
np.arange(3).tofile("/dev/stdout", sep=" ")`,
  ),
  {
    name: 'modules before and after the import',
    language: 'python',
    code: `import sys
before = set(sys.modules)
print([each for each in before if each.startswith("numpy")], hasattr(sys.modules.get("re"), "numpy"))
import numpy as np
new = set(sys.modules) - before
print(sorted(new))
print(np.__version__, np.__file__, np.__spec__.name, type(np.__loader__).__name__, np.core.multiarray.__file__)
print(hasattr(np, "testing"), "numpy.testing" in sys.modules, sorted(vars(np))[:20], len(dir(np)))`,
  },
  numpy(
    'parts of it that are imported later, or not there',
    `import numpy.testing, numpy.polynomial.chebyshev, numpy.ma as ma
print(ma.array([1, 2], mask=[0, 1]), numpy.polynomial.chebyshev.chebval(2, [1, 2]))
for name in ("nothing", "linalg.nothing"):
    try: __import__("numpy." + name)
    except ImportError as error: print(type(error).__name__, error)
try: from numpy import nothing
except ImportError as error: print(error)
try: np.bool
except AttributeError as error: print(str(error).splitlines()[0])
np.testing.assert_array_equal([1, 2], [1, 3])`,
  ),
  numpy('a file of the program by that name', 'print(np.x, np.__file__.endswith("numpy.py"))', {
    files: { 'numpy.py': Buffer.from('x = "own"').toString('base64') },
  }),
  numpy(
    'more memory than there is, asked for at once',
    `try: np.zeros(2**50)
except MemoryError as error: print(type(error), error)`,
  ),
  numpy(
    'more memory than its limit',
    'import time\na = np.ones(40 * 2**20)\ntime.sleep(20)\nprint(a.sum())',
    {
      memory_limit_MB: 150,
    },
  ),
  numpy('memory within its limit', 'a = np.ones(10 * 2**20)\nprint(a.sum(), a.nbytes)', {
    memory_limit_MB: 256,
  }),
  numpy(
    'the end of a program with arrays in its globals',
    `class Noisy(np.ndarray):
    def __del__(self): print("deleted")
a = np.arange(3).view(Noisy)
import atexit
atexit.register(lambda: print("at exit", a.sum()))`,
  ),
  numpy(
    'an error in a callback, with its traceback',
    `def fails(x): raise ValueError(x)
print(np.vectorize(lambda x: x + 1)([1, 2]), np.frompyfunc(lambda x: x * 2, 1, 1)([3]))
np.apply_along_axis(fails, 0, np.eye(2))`,
  ),
  numpy(
    'types: records, dates, text, objects, pickles',
    `import pickle, copy
print(np.zeros(2, dtype=[("a", "i4"), ("b", "U3")]), np.datetime64("2024-02-29") + 1, np.array(["a", None, 3], dtype=object))
print(pickle.loads(pickle.dumps(np.eye(2))), copy.deepcopy(np.array([1])), np.dtype("f8") is np.dtype(float))
print(np.array([3, 1, 2]).argsort(kind="stable"), np.unique([3, 1, 3]), np.array([1, 2]).flags)`,
  ),
  numpy(
    'signals that interrupt a computation',
    `import signal
def handler(*_): raise TimeoutError("alarm")
signal.signal(signal.SIGALRM, handler); signal.setitimer(signal.ITIMER_REAL, 0.2)
def work():
    while True: np.ones((100, 100)) @ np.ones((100, 100))
try: work()
except TimeoutError as error: print(error)
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, signal.getsignal(signal.SIGCHLD))`,
  ),
  numpy(
    'its environment and limits',
    `import os, resource
print({name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")})
shared = ("RLIMIT_MSGQUEUE", "RLIMIT_SIGPENDING")
print([(name, resource.getrlimit(getattr(resource, name))) for name in sorted(dir(resource)) if name.startswith("RLIMIT_") and name not in shared])`,
  ),
];
