import { expect, test } from 'vitest';
import { seesThatItIsAsked } from '../../../src/sandbox/isolation/warm/asked-calls.js';
import type { Becomes } from '../../../src/sandbox/isolation/warm/job.js';

const HANDLER = 'import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)';

test.each<[boolean, Becomes, string, string?]>([
  [false, 'fork', 'import socket\nsocket.create_server(("127.0.0.1", 0))'],
  [false, 'fork', HANDLER],
  [true, 'fork', `import socket\n${HANDLER}`],
  [true, 'fork', `import helper\n${HANDLER}`, 'import socket'],
  [true, 'fork', 'import requests, helper', HANDLER],
  [false, 'fork', 'print(open("/proc/self/status").read().count("Seccomp"))'],
  [true, 'fork', 'libc.prctl(PR_SET_SECCOMP, 2, program)'],
  [false, 'command', 'puts 1'],
  [true, 'command', 'Process.detach(fork {}); UNIXSocket.pair'],
  [true, 'command', 'use IO::Socket::INET;'],
  [true, 'command', 'trap : ALRM; exec 3<>/dev/udp/127.0.0.1/9'],
])('%s: a %s of %j, with %j, could see that calls are heard of', (expected, becomes, code, file = '') => {
  const files = new Map([['/tmp/x/helper.py', Buffer.from(file)]]);
  expect(seesThatItIsAsked({ code, files }, becomes)).toBe(expected);
});
