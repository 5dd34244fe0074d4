import type { Subject } from './case.js';

const MEGABYTES = 3_000_000;

/** Standard streams: opened by their names, sought, closed early, written in megabytes. */
export const STDIO: Subject = [
  {
    name: 'node: 5000 lines, then process.exit',
    language: 'nodejs',
    code: 'for (let i = 0; i < 5000; i++) console.log(i); process.exit(0)',
  },
  {
    name: 'node reads /dev/stdin',
    language: 'nodejs',
    code: "console.log(require('fs').readFileSync('/dev/stdin', 'utf8').length)",
    stdin: 'hi\n',
  },
  {
    name: 'python reads /dev/stdin',
    language: 'python',
    code: "print(open('/dev/stdin').read())",
    stdin: 'hi\n',
  },
  {
    name: 'bash opens all three by name',
    language: 'bash',
    code: 'echo a >/dev/stderr; echo b >/dev/stdout; cat /dev/stdin',
    stdin: 'c\n',
  },
  {
    name: 'perl opens /dev/stdin',
    language: 'perl',
    code: "open(my $f, '<', '/dev/stdin') or die $!; print <$f>; open(my $o, '>', '/dev/stdout') or die; print $o 'hi'",
    stdin: 'in\n',
  },
  {
    name: 'C++ reopens stdin, and writes to /dev/stdout',
    language: 'cpp',
    code: '#include <cstdio>\n#include <fstream>\nint main() { freopen("/dev/stdin", "r", stdin); int a, b; scanf("%d %d", &a, &b); printf("%d %d\\n", a, b); fflush(stdout); std::ofstream("/dev/stdout") << "hi"; }',
    stdin: '1 5',
  },
  {
    name: 'what the streams are',
    language: 'python',
    code: "import os, stat\nfor fd in (0, 1, 2):\n    s = os.fstat(fd)\n    print(stat.filemode(s.st_mode), s.st_uid == os.geteuid(), os.readlink(f'/proc/self/fd/{fd}').split(':')[0])",
    stdin: 'x',
  },
  {
    name: 'no stdin given: it is /dev/null',
    language: 'python',
    code: "import os\nprint(os.readlink('/proc/self/fd/0'), repr(open('/dev/stdin').read()))",
  },
  {
    name: 'stdin in megabytes',
    language: 'python',
    code: 'import sys; print(len(sys.stdin.read()))',
    stdin: 'x'.repeat(MEGABYTES),
  },
  {
    name: 'stdin in megabytes, unread',
    language: 'python',
    code: 'print(1)',
    stdin: 'x'.repeat(MEGABYTES),
  },
  {
    name: 'stdin cannot be sought',
    language: 'python',
    code: 'import os\ntry: os.lseek(0, 0, 0)\nexcept OSError as e: print(e.errno)',
    stdin: 'abc',
  },
  {
    name: 'megabytes on both, in turns',
    language: 'python',
    code: "import sys\nfor i in range(300):\n    sys.stdout.write('o' * 9999 + '\\n'); sys.stderr.write('e' * 9999 + '\\n')",
  },
  {
    name: 'stdout closed early',
    language: 'python',
    code: "import os, sys\nos.write(1, b'first'); os.close(1)\nsys.stderr.write('after')",
  },
  {
    name: 'megabytes before a kill of itself',
    language: 'python',
    code: "import os, sys\nsys.stdout.write('x' * 3000000); sys.stdout.flush(); os.kill(os.getpid(), 9)",
  },
];
