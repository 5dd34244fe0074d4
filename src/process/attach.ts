import { constants } from 'node:os';
import { after } from '../node.js';
import { execa } from '../vendor/execa.js';
import { notStarted } from './run.js';

export interface AttachOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  timeoutMs?: number;
  graceMs: number;
  /** Called once with what passes a signal on to the command. */
  relay: (to: (signal: NodeJS.Signals) => void) => void;
}

export interface Attached {
  code: number;
  timedOut: boolean;
}

/** With our streams and process group, so that Ctrl-C reaches it. Throws kind `tool` if it cannot be started. */
export async function attach(argv: readonly string[], options: AttachOptions): Promise<Attached> {
  const [file = '', ...args] = argv;
  const start = () =>
    execa(file, args, {
      env: options.env,
      cwd: options.cwd,
      extendEnv: false,
      stdio: 'inherit',
      reject: false,
      cleanup: false,
      forceKillAfterDelay: false,
    });
  let started: ReturnType<typeof start> | undefined;
  // Registered before the start, since the command may receive a signal right away, and Node handles SIGUSR1 itself
  // until there is a listener.
  options.relay((signal) => started?.kill(signal));
  const child = start();
  started = child;
  let timedOut = false;
  let over = after(options.timeoutMs ?? Number.POSITIVE_INFINITY, () => {
    timedOut = true;
    child.kill('SIGTERM');
    over = after(options.graceMs, () => child.kill('SIGKILL'));
  });
  try {
    const { exitCode, signal, cause, failed, ...rest } = await child;
    if (failed && exitCode === undefined && signal === undefined) throw notStarted(file, cause ?? rest);
    return { code: exitCode ?? 128 + constants.signals[signal as NodeJS.Signals], timedOut };
  } finally {
    over();
  }
}
