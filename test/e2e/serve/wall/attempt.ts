import { expect } from 'vitest';
import type { RunCodeRequest, RunCodeResponse } from '../../../../src/api/wire.js';

/** How the attacked server isolates its programs. */
export type Mode = 'bwrap' | 'unshare' | 'none';

/** What an attempt may know of the world outside. */
export interface Outside {
  /** Where secrets lie: a home with keys, a state folder, a token file, a file of another user's. */
  secretFiles: readonly string[];
  /** A folder of the host in which nothing may appear, writable for all. */
  open: string;
  /** A named socket of the host, and an abstract one (without its NUL). */
  socket: string;
  abstractSocket: string;
  /** A TCP and a UDP port of the host's loopback, where somebody listens. */
  tcpPort: number;
  udpPort: number;
  /** The server's own. */
  serverPort: number;
  by: Mode;
  /** Whether a cgroup counts what a run holds. */
  counted: boolean;
}

/** One program that tries one thing. It prints BROKEN where it gets what it must not. */
export interface Attempt {
  name: string;
  request: (outside: Outside) => RunCodeRequest;
  /** The promise holds under isolation `none`, too. */
  withoutIsolation?: boolean;
  /** What else must hold of the answer. */
  check?: (answer: RunCodeResponse, outside: Outside) => void;
}

/** A Python program that tries one thing. `outside` stands for an Outside, as a dict. */
export function python(
  name: string,
  code: string,
  more: Partial<RunCodeRequest> & Pick<Attempt, 'check' | 'withoutIsolation'> = {},
): Attempt {
  const { check, withoutIsolation = false, ...fields } = more;
  const request = (outside: Outside): RunCodeRequest => ({
    language: 'python',
    run_timeout: 60,
    ...fields,
    code: `${PRELUDE}outside = json.loads(${JSON.stringify(JSON.stringify(outside))})\n${code}\nprint("END")\n`,
  });
  return {
    name,
    request,
    withoutIsolation,
    check: (answer, outside) => {
      // A program that is broken itself tries nothing.
      expect(answer.run_result?.stderr).not.toMatch(
        /^(SyntaxError|NameError|AttributeError|TypeError|struct\.error)/m,
      );
      check?.(answer, outside);
    },
  };
}

/**
 * `refused(what, f)`: whatever f does must raise; `hidden(path)`: neither read nor listed with success; `syscall`:
 * the result, or the negative errno; `denied(what, number, ...)`: the filter refuses that call.
 */
const PRELUDE = `import ctypes, errno, glob, json, os, resource, signal, socket, stat, struct, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def syscall(*args):
    result = libc.syscall(*[ctypes.c_long(each) if isinstance(each, int) else each for each in args])
    return -ctypes.get_errno() if result == -1 else result
X86 = os.uname().machine == "x86_64"
def denied(what, *args):
    result = syscall(*args)
    print("held" if result in (-errno.EPERM, -errno.ENOSYS) else "BROKEN", what, result)
def refused(what, f):
    try:
        result = f()
    except Exception as error:
        print("held", what, type(error).__name__)
    else:
        print("BROKEN", what, repr(result)[:200])
def hidden(path):
    try:
        found = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(4096)
    except Exception as error:
        print("held", path, type(error).__name__)
    else:
        if found: print("BROKEN", path, repr(found)[:200])
`;
