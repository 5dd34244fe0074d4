import { type Attempt, python } from './attempt.js';

/** Programs that use up what the kernel counts for a user, who is also the server's. */
export const USING_UP: readonly Attempt[] = [
  python(
    'queues signals',
    `signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
queued = 0
while queued < 5000 and libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), ctypes.c_void_p(0)) == 0: queued += 1
if queued > 1100: print("BROKEN", queued)`,
    { withoutIsolation: true },
  ),
  python(
    'makes timers',
    `made, timer = 0, ctypes.c_int()
while made < 5000 and syscall(222 if X86 else 107, 1, None, ctypes.byref(timer)) == 0: made += 1
if made > 1100: print("BROKEN", made)`,
    { withoutIsolation: true },
  ),
  python(
    'watches files',
    `made = 0
while made < 200 and libc.inotify_init() >= 0: made += 1
if outside["by"] == "unshare" and made > 16: print("BROKEN", made)`,
  ),
  python(
    'makes keys',
    'for _ in range(300): denied("add_key", 248 if X86 else 217, b"user", os.urandom(4).hex().encode(), b"x", 1, -3)',
  ),
  python(
    'makes message queues',
    `made = 0
while made < 300 and syscall(240 if X86 else 180, b"wall%d" % made, os.O_CREAT | os.O_RDWR, 0o600, None) >= 0: made += 1
if made > 256: print("BROKEN", made)`,
  ),
];
