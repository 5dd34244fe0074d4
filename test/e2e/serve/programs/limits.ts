import type { Subject } from './case.js';

/** What verl sends with every program. */
const memory_limit_MB = 1024;

const RECURSION = `#include <cstdio>
int f(int n) { volatile char b[1000]; b[0] = n; return n ? f(n - 1) + b[0] * 0 + 1 : 0; }
int main() { printf("%d\\n", f(N)); }`;

/** Deep recursion and large stacks, threads, limits that a program sets itself. */
export const LIMITS: Subject = [
  {
    name: 'a stack that a program raises itself',
    language: 'python',
    memory_limit_MB,
    code: "import resource\nresource.setrlimit(resource.RLIMIT_STACK, [0x10000000, resource.RLIM_INFINITY])\nprint('ok')",
  },
  {
    name: 'an unlimited stack',
    language: 'python',
    memory_limit_MB,
    code: "import resource\nresource.setrlimit(resource.RLIMIT_STACK, (-1, -1))\nprint('ok')",
  },
  {
    name: 'a recursion of C++ that raises its stack for itself',
    language: 'cpp',
    memory_limit_MB,
    code: `#include <sys/resource.h>\n#include <unistd.h>\n${RECURSION.replace('int main() {', 'int main(int c, char** v) { rlimit r; getrlimit(RLIMIT_STACK, &r); if (c == 1) { r.rlim_cur = 512 << 20; setrlimit(RLIMIT_STACK, &r); execl("/proc/self/exe", v[0], "x", (char*)0); }').replace('(N)', '(100000)')}`,
  },
  {
    name: '24 threads of Python',
    language: 'python',
    memory_limit_MB,
    code: "import threading, time\nthreads = [threading.Thread(target=time.sleep, args=(0.3,)) for _ in range(24)]\nfor t in threads: t.start()\nfor t in threads: t.join()\nprint('ok')",
  },
  {
    name: '32 threads of C++, of little memory',
    language: 'cpp',
    memory_limit_MB: 256,
    code: '#include <thread>\n#include <vector>\n#include <cstdio>\nint main() { std::vector<std::thread> v; for (int i = 0; i < 32; i++) v.emplace_back([] {}); for (auto& t : v) t.join(); printf("%zu\\n", v.size()); }',
  },
  {
    name: 'memory that is reserved and not used',
    language: 'python',
    memory_limit_MB: 256,
    code: 'import mmap\nm = mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\nm[0] = 1; m[-1] = 2\nprint(m[0] + m[-1])',
  },
  {
    name: 'a large array that nobody touches',
    language: 'cpp',
    memory_limit_MB: 256,
    code: '#include <cstdio>\nstatic int a[500000000];\nint main() { a[499999999] = 7; printf("%d\\n", a[499999999]); }',
  },
  {
    name: 'what evaluation harnesses limit first',
    language: 'python',
    memory_limit_MB,
    code: 'import resource, faulthandler\nmost = 4 << 30\nresource.setrlimit(resource.RLIMIT_AS, (most, most))\nresource.setrlimit(resource.RLIMIT_DATA, (most, most))\nresource.setrlimit(resource.RLIMIT_STACK, (most, most))\nfaulthandler.disable()\nprint(resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_STACK))',
  },
  {
    name: 'limits of its own: CPU time',
    language: 'python',
    code: 'import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass',
  },
  {
    name: 'limits of its own: address space',
    language: 'python',
    code: "import resource\nresource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))\ntry: bytearray(1 << 30)\nexcept MemoryError: print('MemoryError')",
  },
  {
    name: 'limits of its own: no core, no files',
    language: 'python',
    code: "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 0))\nresource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\ntry:\n    held = [open('/dev/null') for _ in range(100)]\nexcept OSError as e: print(e.errno)",
  },
  {
    name: 'a stack overflow without a limit',
    language: 'cpp',
    code: RECURSION.replace('(N)', '(100000)'),
  },
  {
    name: 'the recursion limit of Python',
    language: 'python',
    code: 'def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError as e: print(e)',
  },
  {
    name: 'what is refused memory',
    language: 'python',
    memory_limit_MB: 256,
    code: 'bytearray(1 << 60)',
  },
];
