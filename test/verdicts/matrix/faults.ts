import type { Behaviour } from '../../gateway/stubs/upstream.js';

/** What happens to a server, and to the programs that it has. */
export interface Fault {
  name: string;
  /** How it behaves from now on. */
  behaves?: Behaviour;
  /** What becomes of it while it runs programs. */
  event?: 'refused' | 'job end' | 'restart' | 'scale-down';
  /** Programs at once, on slots in all. */
  burst?: { programs: number; slots: number };
}

/**
 * `gateway`: one of two servers behind a gateway is faulty. `all`: both are. `direct`: without a gateway, the first
 * server of a client's list is faulty, or the only one that it knows.
 */
export const SETTINGS = ['gateway', 'direct', 'all'] as const;
export type Setting = (typeof SETTINGS)[number];

const spared = { sparesCanaries: true };

export const FAULTS: readonly Fault[] = [
  { name: 'nobody listens', event: 'refused' },
  { name: 'resets connections', behaves: { mischief: 'reset' } },
  { name: 'HTTP 500', behaves: { mischief: 500 } },
  { name: 'HTTP 503', behaves: { mischief: 503 } },
  { name: 'HTTP 503 for programs only', behaves: { mischief: 503, ...spared } },
  { name: 'HTTP 429', behaves: { mischief: 429 } },
  { name: 'HTTP 422 for programs only', behaves: { mischief: 422, ...spared } },
  { name: 'a page of HTML', behaves: { mischief: 'not-json' } },
  { name: 'JSON that is cut', behaves: { mischief: 'half' } },
  { name: 'SandboxError', behaves: { mischief: 'sandbox-error' } },
  { name: 'SandboxError for programs only', behaves: { mischief: 'sandbox-error', ...spared } },
  { name: 'hangs, but answers pings', behaves: { mischief: 'silent' } },
  { name: 'hangs, but answers pings and health checks', behaves: { mischief: 'silent', ...spared } },
  { name: 'every program fails', behaves: { mischief: 'failed' } },
  { name: 'every program times out', behaves: { mischief: 'timed-out' } },
  { name: 'every output is lost', behaves: { mischief: 'no-output' } },
  { name: 'no interpreter', behaves: { mischief: 'no-interpreter' } },
  { name: 'every program fails, health checks do not', behaves: { mischief: 'failed', ...spared } },
  {
    name: 'every program times out at once, health checks do not',
    behaves: { mischief: 'timed-out', ...spared },
  },
  { name: 'every output is lost, but that of health checks', behaves: { mischief: 'no-output', ...spared } },
  { name: 'too little CPU time', behaves: { mischief: 'overtime', ...spared, canaryMs: 900 } },
  { name: '300 programs at once on 4 slots', burst: { programs: 300, slots: 4 } },
  { name: 'its job ends', event: 'job end' },
  { name: 'it restarts', event: 'restart' },
  { name: 'it is scaled down', event: 'scale-down' },
];
