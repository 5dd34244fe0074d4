import { parseDuration } from '../config/units.js';
import { SandboxctlError } from '../errors.js';
import { attach } from '../process/attach.js';
import type { Context } from './context.js';
import { clientEnvironment } from './exec/environment.js';
import { type Front, openFront } from './exec/front.js';
import { baseUrl } from './gateway/base-url.js';

export interface ExecOptions {
  flags: Readonly<Record<string, unknown>>;
  command: readonly string[];
  /** Longest that the command may run, as the user typed it. */
  timeout?: string | undefined;
  /** Longest wait for a server. */
  wait?: string | undefined;
  /** URLs of servers to use instead of a fleet. */
  endpoints: readonly string[];
}

/** What GNU timeout ends with too. */
const TIMED_OUT = 124;
const WAIT = '20m';
const LOOK_MS = 100;
/** A wait that is no longer is not worth a word. */
const QUIET_MS = 2_000;

/**
 * Runs a command with a gateway of its own at hand, on every node of the job that it is in, and ends with its
 * code. Everything that throws here is an error of ours.
 */
export async function exec(context: Context, options: ExecOptions): Promise<void> {
  const wait = duration('--wait', options.wait ?? WAIT);
  const timeout = options.timeout === undefined ? undefined : duration('--timeout', options.timeout);
  const { cwd } = context;
  const { config } = await context.config(options.flags);
  const front = await openFront(context, config, [...new Set(options.endpoints.map(baseUrl))]);
  try {
    await served(context, front, wait);
    const ended = await attach(options.command, {
      env: clientEnvironment(context.env, front.port),
      cwd,
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      graceMs: config.grace * 1000,
      relay: context.relay,
    });
    if (ended.timedOut) {
      context.io.stderr.line(`sandboxctl exec: its time-out of ${options.timeout} ended the command`);
    }
    context.endWith(ended.timedOut ? TIMED_OUT : ended.code);
  } finally {
    await front.close();
  }
}

/** Until the gateway has a server to send a run to. Throws kind `waiting` where that takes too long. */
async function served({ clock, io, signal }: Context, front: Front, seconds: number): Promise<void> {
  const from = clock.now();
  let told = false;
  while (!(await front.serves())) {
    signal.throwIfAborted();
    const waited = clock.now() - from;
    if (waited >= seconds * 1000) {
      throw new SandboxctlError('waiting', {
        what: `no server is ready after ${seconds} s, so the command was not started`,
        words: await front.words(),
        hint: "'sandboxctl status' tells how the fleet is, and the same 'sandboxctl deploy' again replaces servers whose job has ended; --wait waits longer",
      });
    }
    if (!told && waited >= QUIET_MS) {
      told = true;
      io.stderr.line('sandboxctl exec: waiting for a server to be ready');
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

function duration(flag: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new SandboxctlError('usage', {
    what: `${flag} takes seconds or a duration such as 90s or 2h, not '${text}'`,
    hint: "see 'sandboxctl exec --help'",
  });
}
