import { syscallNames } from '../isolation/lite/syscall-numbers.js';

/** KEYCTL_JOIN_SESSION_KEYRING of linux/keyctl.h: without a name, a new one. */
const JOIN_SESSION_KEYRING = 1;

/** Signals that wait, of one program: the kernel counts them for a user, who has some tens of thousands. */
const QUEUED_SIGNALS = 1024;

/**
 * Prepares what Node cannot: a session keyring (the caller's may hold tickets and keys), a limit on queued signals,
 * and the default disposition of real-time signals. Runs go on without any that fails.
 */
const PREPARE = `
import os, sys
def keyring():
    import ctypes
    ctypes.CDLL(None).syscall(int(sys.argv[1]), ${JOIN_SESSION_KEYRING}, None, 0, 0, 0)
def queued():
    import resource
    hard = resource.getrlimit(resource.RLIMIT_SIGPENDING)[1]
    most = ${QUEUED_SIGNALS} if hard < 0 else min(${QUEUED_SIGNALS}, hard)
    resource.setrlimit(resource.RLIMIT_SIGPENDING, (most, most))
def signals():
    import signal
    for number in range(signal.SIGRTMIN, signal.SIGRTMAX + 1):
        signal.signal(number, signal.SIG_DFL)
for step in (keyring, queued, signals):
    try: step()
    except Exception: pass
os.execv(sys.argv[2], sys.argv[2:])
`;

/** Words before a launcher's own; none where this machine has no Python. */
export function launcherPrefix(python: string | null, architecture: string): string[] {
  const names = syscallNames(architecture) ?? new Map<number, string>();
  const keyctl = [...names].find(([, name]) => name === 'keyctl')?.[0];
  if (python === null || keyctl === undefined) return [];
  return [python, '-I', '-S', '-c', PREPARE, String(keyctl)];
}
