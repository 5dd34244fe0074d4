import { SandboxctlError } from '../errors.js';
import { attach } from '../process/attach.js';
import { parseDuration } from '../text/duration.js';
import type { Context } from './context.js';
import { clientEnvironment } from './exec/environment.js';
import { type LocalGateways, openGateways } from './exec/local-gateways.js';
import { baseUrl } from './gateway/base-url.js';

export interface ExecOptions {
  flags: Readonly<Record<string, unknown>>;
  command: readonly string[];
  timeout?: string | undefined;
  wait?: string | undefined;
  endpoints: readonly string[];
}

const TIMED_OUT_CODE = 124;
const DEFAULT_WAIT = '20m';
const POLL_MS = 100;
/** A shorter wait is not reported. */
const QUIET_WAIT_MS = 2_000;

/** Runs a command next to a gateway on every node of its job, and exits with its code; errors of ours end with 125. */
export async function exec(context: Context, options: ExecOptions): Promise<void> {
  const wait = duration('--wait', options.wait ?? DEFAULT_WAIT);
  const timeout = options.timeout === undefined ? undefined : duration('--timeout', options.timeout);
  const { cwd } = context;
  const { config } = await context.config(options.flags);
  const gateways = await openGateways(context, config, [...new Set(options.endpoints.map(baseUrl))]);
  try {
    await waitForServer(context, gateways, wait);
    const ended = await attach(options.command, {
      env: clientEnvironment(context.env, gateways.port),
      cwd,
      ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
      graceMs: config.grace * 1000,
      relay: context.relay,
    });
    if (ended.timedOut) {
      context.io.stderr.line(
        `sandboxctl exec: command killed: it ran longer than ${options.timeout} (--timeout)`,
      );
    }
    context.endWith(ended.timedOut ? TIMED_OUT_CODE : ended.code);
  } finally {
    await gateways.close();
  }
}

async function waitForServer(
  { clock, io, signal }: Context,
  gateways: LocalGateways,
  seconds: number,
): Promise<void> {
  const from = clock.now();
  let announced = false;
  while (!(await gateways.hasHealthyServer())) {
    signal.throwIfAborted();
    const waited = clock.now() - from;
    if (waited >= seconds * 1000) {
      throw new SandboxctlError('waiting', {
        what: `no server is ready after ${seconds} s, so the command was not started`,
        detail: await gateways.serverProblems(),
        hint: "see 'sandboxctl status'; running the same 'sandboxctl deploy' again replaces servers whose job has ended; --wait DURATION waits longer",
        failure: 'server-not-ready',
      });
    }
    if (!announced && waited >= QUIET_WAIT_MS) {
      announced = true;
      io.stderr.line('sandboxctl exec: waiting for a server to become ready');
    }
    await clock.sleep(POLL_MS, signal);
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
