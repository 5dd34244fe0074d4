import { expect } from 'vitest';
import type { RunCodeResponse } from '../../../../src/api/wire.js';
import { type Attempt, python } from './attempt.js';

const SEVEN = { check: ({ run_result }: RunCodeResponse) => expect(run_result?.return_code).toBe(7) };
const END = '\nsys.stdout.flush()\nos._exit(7)';

/** Every way to another process's descriptors, each of which writes `words`. */
const by = (words: string) => `words = ${words}
def write(fd):
    try: os.write(fd, words)
    except OSError as error: print("held", error)
for pid in (1, os.getppid()):
    pidfd = syscall(434, pid, 0)
    for fd in range(2, 12):
        taken = syscall(438, pidfd, fd, 0)
        if taken >= 0: write(taken)
        try: write(os.open(f"/proc/{pid}/fd/{fd}", os.O_WRONLY))
        except OSError: pass
for fd in range(3, 64): write(fd)${END}`;

/** Programs that reach for what runs them, to say how they ended. None changes its own end, nor looks like the sandbox's. */
export const FORGING: readonly Attempt[] = [
  python('says that its files could not be written', by(String.raw`b"F\n"`), SEVEN),
  python('says that it ended well', by(String.raw`b"E 0\n"`), SEVEN),
  python('says that it was compiled again', by(String.raw`b"C 0\nE 0\n"`), SEVEN),
  python('says that its compiler failed', by(String.raw`b"C 1\n"`), SEVEN),
  python('says that it begins once more', by(String.raw`b"R\nF\nR\nE 0\n"`), SEVEN),
  python('says half a word', by('b"E 1"'), SEVEN),
  python('says that a signal ended it', by(String.raw`b"Killed\nE 137\n"`), SEVEN),
  python('says nothing that anybody knows', by('os.urandom(4096)'), SEVEN),
  python('says a megabyte', by(String.raw`b"E 0\n" * 250000`), SEVEN),
  python('says so with files to write and to fetch', by(String.raw`b"F\n"`), {
    ...SEVEN,
    files: { 'a/b': 'eA==' },
    fetch_files: ['a/b'],
  }),
  {
    name: 'says so from a program that was compiled',
    request: () => ({
      language: 'cpp',
      code: `#include <fcntl.h>
#include <initializer_list>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
  for (int fd = 2; fd < 12; fd++) {
    int taken = syscall(438, syscall(434, 1, 0), fd, 0);
    char name[32];
    sprintf(name, "/proc/1/fd/%d", fd);
    for (int each : {fd == 2 ? -1 : fd, taken, open(name, O_WRONLY)})
      if (write(each, "E 0\\nF\\nC 1\\n", 10) > 0) puts("BROKEN");
  }
  fflush(stdout);
  return 7;
}`,
    }),
    ...SEVEN,
  },
  python(
    'writes into the memory of the first process',
    `try:
    with open("/proc/1/mem", "r+b", 0) as memory: print("BROKEN", memory)
except OSError as error: print("held", error)${END}`,
    SEVEN,
  ),
  python(
    'looks into the first process',
    `for name in ("environ", "maps", "auxv", "smaps", "exe", "cwd", "root", "stack", "io", "personality"):
    refused(name, lambda: os.readlink(f"/proc/1/{name}") if name in ("exe", "cwd", "root") else open(f"/proc/1/{name}", "rb").read(9) or 1 / 0)
for fd in range(16): refused(fd, lambda: os.open(f"/proc/1/fd/{fd}", os.O_RDONLY))${END}`,
    SEVEN,
  ),
  python(
    'traces what runs it',
    `for request in (16, 0x4206):
    for pid in (1, os.getppid()): denied(request, 101 if X86 else 117, request, pid, 0, 0)${END}`,
    SEVEN,
  ),
  python(
    'copies into what runs it',
    `vector = struct.pack("QQ", 0x400000, 16)
for number in ((310, 311) if X86 else (270, 271)): denied(number, number, 1, vector, 1, vector, 1, 0)
denied("kcmp", 312 if X86 else 272, 1, os.getpid(), 0, 3, 3)${END}`,
    SEVEN,
  ),
  python(
    'takes every descriptor of every process',
    `for pid in [int(each) for each in os.listdir("/proc") if each.isdigit()]:
    for fd in range(16): denied(pid, 438, syscall(434, pid, 0), fd, 0)${END}`,
    SEVEN,
  ),
  python(
    'changes the limits of the first process',
    `for limit in range(16): refused(limit, lambda: resource.prlimit(1, limit, (0, 0)))${END}`,
    SEVEN,
  ),
  python(
    'runs the shell of what runs it, and reads it',
    `for path in ("/dev/.driver/sh", "/dev/.driver/loader", "/proc/1/exe"): refused(path, lambda: open(path, "rb").read(1))
refused("chmod", lambda: os.chmod("/dev/.driver/sh", 0o755))
refused("link", lambda: os.link("/dev/.driver/sh", "sh"))${END}`,
    SEVEN,
  ),
  python('kills its process group', 'os.kill(0, signal.SIGKILL)', {
    check: ({ run_result }) => expect(run_result?.return_code).toBe(-9),
  }),
  python('stops its process group', 'os.kill(0, signal.SIGSTOP)\ntime.sleep(60)', {
    run_timeout: 1,
    check: ({ run_result }) => expect(run_result).not.toBeNull(),
  }),
];
