// Ends in the way that its first argument names, through the real main; the rest is its command line.

import { SandboxctlError } from '../../../src/errors.js';
import { main, type Work } from '../../../src/main.js';

const forever = () => new Promise<void>((resolve) => setTimeout(resolve, 60_000));
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

const WAYS: Record<string, Work> = {
  refused: async () => {
    throw new SandboxctlError('refused', {
      what: 'instance 2 failed',
      detail: 'srun: error: node1: task 0: Exited with exit code 1\n\u001b[31msecond\u001b[0m line\n',
      hint: "see 'sandboxctl logs 2'",
      tail: ['line one', 'line two'],
    });
  },
  bug: async () => {
    JSON.parse('{');
  },
  uncaught: async () => {
    setTimeout(() => {
      throw new RangeError('from a timer');
    }, 10);
    await forever();
  },
  rejected: async () => {
    void Promise.reject(new RangeError('from nowhere'));
    await forever();
  },
  stubborn: async (_argv, { io, stop }) => {
    // A signal's listener alone keeps no process alive.
    const busy = forever();
    io.stderr.line('up');
    await aborted(stop.signal);
    io.stderr.line('heard');
    await busy;
  },
  returns: async (_argv, { io, stop }) => {
    io.stderr.line('up');
    await Promise.race([forever(), aborted(stop.signal)]);
  },
  throws: async (_argv, { io, stop }) => {
    io.stderr.line('up');
    await Promise.race([forever(), aborted(stop.signal)]);
    stop.signal.throwIfAborted();
  },
  ask: async (_argv, { io }) => {
    io.stdout.line((await io.confirm('stop 4 jobs of sandbox?')) ? 'yes' : 'no');
  },
  chatty: async (_argv, { io, stop }) => {
    while (!stop.signal.aborted) {
      io.stdout.line('x'.repeat(10_000));
      await new Promise(setImmediate);
    }
    io.stderr.line('seen');
  },
  warns: async () => {
    process.emitWarning('old ways', 'DeprecationWarning', 'DEP0000');
    await new Promise(setImmediate);
  },
  big: async (_argv, { io }) => {
    io.stdout.write('x'.repeat(3_000_000));
  },
};

const [way = '', ...argv] = process.argv.slice(2);
await main(argv, WAYS[way]);
